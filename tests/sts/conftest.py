"""Who calls the local cloud."""

from __future__ import annotations

import pytest

from conftest import RunningCloud
from sts.callers import Callers


@pytest.fixture(scope="session")
def callers(cloud: RunningCloud) -> Callers:
    """Makes roles and users in the local cloud, which enforces IAM."""
    return Callers(cloud.endpoint)
