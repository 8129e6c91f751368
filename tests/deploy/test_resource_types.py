"""Every resource type is made, found as it was put, changed, read by boto3, and removed."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud
from deploy.cases import account, catalog, events, network, orchestration
from deploy.cases.case import Case
from deploy.conftest import Stack

CASES = [*catalog.CASES, *events.CASES, *account.CASES, *network.CASES, *orchestration.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type.rpartition(":")[0])
def test_type_is_made_changed_and_removed(case: Case, stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("lake")
    own = f'\npulumi.export("name", "{name}")\n'
    first = stack.up(case.written(name, case.first) + own)
    assert case.read(cloud, first.outputs) == case.first
    assert stack.open().refresh(stack.console).changes == 0
    assert stack.up().changes == 0
    second = stack.up(case.written(name, case.second) + own)
    assert second.summary["replaced" if case.replaces else "updated"] >= 1
    assert case.read(cloud, second.outputs) == case.second
    stack.destroy()
    assert case.outlives or _is_gone(case, cloud, second.outputs)


def _is_gone(case: Case, cloud: RunningCloud, outputs: dict[str, str]) -> bool:
    try:
        left = case.read(cloud, outputs)
    except (ClientError, LookupError, StopIteration):
        return True
    return not left
