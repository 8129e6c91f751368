"""A dbt project that a test writes, and dbt as a user runs it: a process that the environment tells all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from athena.athena_client import Lake

_PROJECT = """
name: options
version: 1.0.0
profile: lake
flags:
  send_anonymous_usage_stats: false
"""

_PROFILE = """
lake:
  target: lake
  outputs:
    lake:
      type: athena
      region_name: us-east-1
      database: awsdatacatalog
      schema: {database}
      s3_staging_dir: {results}
      s3_data_dir: {tables}
      threads: 4
      poll_interval: 0.02
"""


@dataclass(frozen=True)
class DbtRun:
    """What a run left: dbt's output, and per node what dbt says of it."""

    output: str
    results: Mapping[str, Mapping[str, Any]]

    def status(self, node: str) -> str:
        """How a node ended: `success`, `pass`, `warn`, `fail`, `error` or `skipped`."""
        return str(self.results[node]["status"])

    def message(self, node: str) -> str:
        """What dbt says of a node."""
        return str(self.results[node]["message"])


@dataclass(frozen=True)
class DbtProject:
    """A project in a folder, whose target is a lake's database."""

    folder: Path
    lake: Lake
    endpoint_url: str

    def write(self, files: Mapping[str, str]) -> None:
        """Put the project's files in place: path below the project, and text."""
        lake = self.lake
        profile = _PROFILE.format(
            database=lake.database, results=lake.uri("results/"), tables=lake.uri("tables/")
        )
        for path, text in {"dbt_project.yml": _PROJECT, "profiles.yml": profile, **files}.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    def run(self, *arguments: str) -> DbtRun:
        """Run dbt; its nodes may fail, dbt itself may not."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "DBT_PROFILES_DIR": str(self.folder),
                "AWS_ENDPOINT_URL": self.endpoint_url,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        results = self.artifact("run_results.json").get("results", [])
        return DbtRun(done.stdout, {_name(result["unique_id"]): result for result in results})

    def artifact(self, name: str) -> dict[str, Any]:
        """A file that dbt wrote into `target`."""
        return dict(json.loads((self.folder / "target" / name).read_text()))


def _name(unique_id: str) -> str:
    """A node's name, from `model.options.orders` or `unit_test.options.orders.keeps_all`."""
    kind, _, name, *rest = unique_id.split(".")
    return rest[0] if kind == "unit_test" else name
