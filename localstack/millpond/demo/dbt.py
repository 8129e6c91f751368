"""dbt, as anybody runs it: a child process that finds the lake through its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from millpond.client import Endpoint
from millpond.demo.exceptions import BuildFailed
from millpond.demo.lake import StackOutputs

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", "SSL_CERT_FILE")


def dbt_build(
    project: Path, work_dir: Path, endpoint: Endpoint, outputs: StackOutputs, on_line: Callable[[str], None]
) -> None:
    """Run `dbt build` with the rights of dbt's role.

    Args:
        project: The folder of the dbt project, which stays as it is.
        work_dir: The folder for what dbt compiles and logs.
        endpoint: Where Athena, Glue and S3 answer.
        outputs: What the project's profile needs to know of the lake.
        on_line: Takes dbt's output, line by line.

    Raises:
        BuildFailed: A model, test or seed failed.
    """
    rights = endpoint.assume(outputs.dbt_role_arn, "dbt")
    variables = {f"LAKE_{name.upper()}": value for name, value in asdict(outputs).items()}
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= variables | rights.environment | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    child = subprocess.Popen(
        [
            sys.executable,
            "-P",  # this folder has a dbt of its own
            str(Path(__file__).with_name("tied_dbt.py")),
            "--no-use-colors",
            "build",
            "--project-dir",
            str(project),
            "--profiles-dir",
            str(project),
            "--target-path",
            str(work_dir / "target"),
            "--log-path",
            str(work_dir / "logs"),
        ],
        env=environment,
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    try:
        for line in child.stdout:
            on_line(line.rstrip("\n"))
    finally:
        if child.poll() is None:
            child.terminate()
        exit_code = child.wait()
    if exit_code:
        raise BuildFailed(exit_code, work_dir / "logs" / "dbt.log")
