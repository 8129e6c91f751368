"""The compose file says what the tests do: it is not run here, as that needs Docker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((PROJECT / "localstack" / "compose.yaml").read_text())["services"]


def test_the_image_is_the_release_that_is_tested(services):
    [tested] = re.findall(
        r"^localstack-core==(\S+)", (PROJECT / "requirements-localstack.lock").read_text(), re.M
    )
    assert services["localstack"]["image"] == f"localstack/localstack:{tested}"


def test_only_this_machine_reaches_the_ports(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert {port.split(":")[0] for port in ports} == {"127.0.0.1"}
    assert {port.split(":")[1] for port in ports} == {"4566", "4567"}


def test_both_answer_where_the_stack_looks_for_them(services):
    settings = yaml.safe_load((PROJECT / "Pulumi.localstack.yaml").read_text())["config"]
    [endpoints] = settings["aws:endpoints"]
    variables = services["localstack"]["environment"]
    command = services["millpond"]["command"]
    assert set(endpoints.values()) == {
        f"http://{variables['LOCALSTACK_HOST']}",
        variables["MILLPOND_ENDPOINT_URL"],
    }
    assert endpoints["glue"] == variables["MILLPOND_ENDPOINT_URL"]
    assert f"--s3-endpoint={endpoints['s3']}" in command
    assert f"--port={endpoints['glue'].rpartition(':')[2]}" in command
    # The identities are LocalStack's, and the local cloud knows none of them.
    assert "--no-enforce-iam" in command


def test_the_plugin_is_found_by_localstack(services):
    [volume] = services["localstack"]["volumes"]
    source, target, _ = volume.split(":")
    assert (PROJECT / "localstack" / source / "millpond_executor.py").is_file()
    assert services["localstack"]["environment"]["PYTHONPATH"] == target
