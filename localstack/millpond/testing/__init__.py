"""The pytest plugin: a local cloud, Pulumi programs deployed to it, clients, and waiting for events.

`plugin` has the fixtures; here is what they give. Nothing heavy is imported before a fixture is used.
"""

from __future__ import annotations

from millpond.testing.cloud import InProcessCloud, RunningCloud
from millpond.testing.exceptions import NotSeenInTime, TestingError
from millpond.testing.stacks import DeployedStack
from millpond.testing.waiting import WaitFor

__all__ = [
    "DeployedStack",
    "InProcessCloud",
    "NotSeenInTime",
    "RunningCloud",
    "TestingError",
    "WaitFor",
]
