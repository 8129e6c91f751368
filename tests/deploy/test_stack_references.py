"""What a program reads of another stack's exports."""

from __future__ import annotations

import pytest

from deploy.conftest import Stack
from millpond.deploy import Deployment
from millpond.deploy.exceptions import DeployError


@pytest.fixture
def base(stack: Stack) -> Stack:
    """A second stack of the project, `base`, that was deployed."""
    (stack.directory / "Pulumi.base.yaml").write_text("config:\n  aws:region: us-east-1\n")
    stack.write("""
        pulumi.export("zone", "raw")
        pulumi.export("password", pulumi.Output.secret("hush"))
    """)
    Deployment.open(stack.directory, "base", endpoint_url=stack.endpoint_url).up(stack.console)
    return stack


@pytest.mark.parametrize("name", ["base", "organization/shop/base"])
def test_exports_of_another_stack(base: Stack, name: str) -> None:
    result = base.up(f"""
        base = pulumi.StackReference("{name}")
        queue = aws.sqs.Queue("q", tags={{"zone": base.get_output("zone")}})
        pulumi.export("zone", queue.tags["zone"])
        pulumi.export("none", [base.get_output("nothing")])
    """)
    assert result.outputs == {"zone": "raw", "none": [None]}


def test_secret_of_another_stack_stays_secret(base: Stack) -> None:
    result = base.up("""
        base = pulumi.StackReference("base")
        pulumi.export("password", base.require_output("password"))
        pulumi.export("zone", base.require_output("zone"))
    """)
    assert result.outputs == {"password": "hush", "zone": "raw"}
    assert result.secret_outputs == {"password"}
    assert "hush" not in base.shown


@pytest.mark.parametrize("name", ["prod", "organization/other/base"])
def test_stack_that_is_not_there_is_named_with_those_that_are(base: Stack, name: str) -> None:
    with pytest.raises(DeployError, match=rf"there is no stack '{name}' in .*\(there are base") as caught:
        base.up(f'pulumi.StackReference("{name}")')
    assert "__main__.py:" in str(caught.value)
    assert "Traceback" not in str(caught.value)
