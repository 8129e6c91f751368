"""With whose keys the engine calls the cloud, and which the program sees."""

from __future__ import annotations

import pytest

from deploy.conftest import Stack

SEEN = """
import os
pulumi.export("key", os.environ.get("AWS_ACCESS_KEY_ID"))
pulumi.export("account", aws.get_caller_identity().account_id)
"""


def test_without_keys_the_local_administrator_deploys(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert stack.up(SEEN).outputs == {"key": "test", "account": "000000000000"}


def test_keys_of_the_environment_go_before_the_administrators(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOTHER")
    assert stack.up(SEEN).outputs["key"] == "AKIAOTHER"


def test_keys_of_the_stack_go_before_those_of_the_environment(stack: Stack) -> None:
    settings = "config:\n  aws:region: us-east-1\n  aws:accessKey: AKIASTACK\n  aws:secretKey: x\n"
    (stack.directory / "Pulumi.test.yaml").write_text(settings)
    assert stack.up(SEEN).outputs["key"] == "AKIASTACK"
