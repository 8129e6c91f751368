"""A trigger: when it fires, and what it starts then.

https://docs.aws.amazon.com/glue/latest/dg/about-triggers.html
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from moto.glue.models import FakeTrigger
from moto.glue.utils import Action

from millpond.glue.run_states import RunKind


class TriggerType(enum.Enum):
    """What makes a trigger fire."""

    ON_DEMAND = "ON_DEMAND"
    SCHEDULED = "SCHEDULED"
    CONDITIONAL = "CONDITIONAL"
    EVENT = "EVENT"


@dataclass(frozen=True)
class Target:
    """A job or a crawler by its name."""

    kind: RunKind
    name: str


@dataclass(frozen=True)
class Condition:
    """A run of a job or a crawler that ends in a state."""

    target: Target
    state: str


class Trigger(FakeTrigger):
    """moto's trigger, with the states that AWS's go through."""

    @property
    def type(self) -> TriggerType:
        """What makes it fire."""
        return TriggerType(self.trigger_type)

    @property
    def is_active(self) -> bool:
        """Whether it fires by itself."""
        return self.state == "ACTIVATED"

    @property
    def starts(self) -> list[tuple[Target, Action]]:
        """What it starts."""
        return [(_target(action.job_name, action.crawler_name), action) for action in self.actions]

    @property
    def conditions(self) -> list[Condition]:
        """What it waits for."""
        if self.predicate is None:
            return []
        return [
            Condition(
                _target(condition.job_name, condition.crawler_name),
                str(getattr(condition.state or condition.crawl_state, "value", "")),
            )
            for condition in self.predicate.conditions
        ]

    def is_met_by(self, states: Mapping[Target, str]) -> bool:
        """Whether its predicate holds.

        Args:
            states: How the last run of each job and crawler has ended.
        """
        met = [states.get(condition.target) == condition.state for condition in self.conditions]
        if self.predicate is not None and self.predicate.logical.value == "ANY":
            return any(met)
        return bool(met) and all(met)


def _target(job: object, crawler: object) -> Target:
    return Target(RunKind.JOB, str(job)) if job else Target(RunKind.CRAWLER, str(crawler))
