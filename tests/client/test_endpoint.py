"""How a client reaches an endpoint that is an address."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

_LIST = "import boto3; print(boto3.client('mwaa').list_environments()['Environments'])"


def test_operation_with_a_host_name_of_its_own_is_sent_to_the_address(cloud: Any) -> None:
    assert isinstance(cloud.endpoint.client("mwaa").list_environments()["Environments"], list)


def test_child_process_reaches_every_operation_with_the_endpoints_variables(cloud: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIST],
        env={**os.environ, **cloud.endpoint.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[")
