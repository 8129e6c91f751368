"""dbt's description of its project, from which Airflow makes a task for each model.

MWAA's scheduler has no dbt: the manifest is made where the deployment runs, of the project as it is deployed,
and never taken from what an earlier dbt has left behind.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from infra.exceptions import ManifestError

# What differs from one parse of the same project to the next, and from one checkout to another.
_OF_THE_PARSE: Final = ("generated_at", "invocation_id", "invocation_started_at", "run_started_at", "user_id")
_OF_EACH_NODE: Final = ("created_at", "root_path")
# Made by dbt itself; no part of the project.
_MADE: Final = frozenset({"__pycache__", "dbt_packages", "logs", "target"})


def project_files(project: Path) -> list[Path]:
    """The files of a dbt project, without what dbt makes of it."""
    return [
        file
        for file in sorted(project.rglob("*"))
        if file.is_file() and not _MADE & set(file.relative_to(project).parts)
    ]


def build_manifest(project: Path, built: Path, variables: Mapping[str, str]) -> Path:
    """Let dbt parse its project; the same project gives the same bytes, and is parsed once.

    Args:
        project: The dbt project.
        built: The folder for what is made.
        variables: The environment variables that the project and its profile read.

    Raises:
        ManifestError: There is no dbt beside the Python that runs this, or it cannot parse the project.
    """
    manifest = built / f"manifest-{_digest(project, variables)}.json"
    if not manifest.exists():
        content = _stable(_parsed(project, variables))
        built.mkdir(parents=True, exist_ok=True)
        unfinished = manifest.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(content, separators=(",", ":"), sort_keys=True))
        unfinished.replace(manifest)
    return manifest


def _digest(project: Path, variables: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(sorted(variables.items())).encode())
    for file in project_files(project):
        digest.update(f"\0{file.relative_to(project).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _parsed(project: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    dbt = Path(sys.executable).with_name("dbt")
    if not dbt.exists():
        raise ManifestError(
            f"{dbt} is missing", "Deploy with the Python of `make setup`, which has dbt beside it."
        )
    with tempfile.TemporaryDirectory() as target:
        done = subprocess.run(
            _command(dbt, project, target),
            env={**os.environ, **variables, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ManifestError(f"dbt cannot parse {project}", done.stdout.strip())
        content: dict[str, Any] = json.loads((Path(target) / "manifest.json").read_text())
    return content


def _command(dbt: Path, project: Path, target: str) -> Sequence[str]:
    places = {"project": str(project), "profiles": str(project)}
    directories = [part for name, place in places.items() for part in (f"--{name}-dir", place)]
    return [
        str(dbt),
        "--no-use-colors",
        "parse",
        "--no-partial-parse",
        *directories,
        "--target-path",
        target,
        "--log-path",
        target,
    ]


def _stable(manifest: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in manifest["metadata"].items() if name not in _OF_THE_PARSE}
    kinds = {name: _without_circumstances(value) for name, value in manifest.items() if name != "metadata"}
    return {"metadata": metadata, **kinds}


def _without_circumstances(nodes: Any) -> Any:
    if not isinstance(nodes, dict):
        return nodes
    return {
        name: {key: value for key, value in node.items() if key not in _OF_EACH_NODE}
        if isinstance(node, dict)
        else node
        for name, node in nodes.items()
    }
