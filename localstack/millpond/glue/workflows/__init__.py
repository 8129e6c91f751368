"""Glue triggers and workflows: what starts jobs and crawlers, and what starts when these have ended.

responses → service ─→ run (what was started, how it ended, what is due) ─→ graph
               ⇅
run_states (jobs and crawlers), schedules (the clock), event_batches (EventBridge)
"""

from __future__ import annotations

import moto.glue.models

from millpond.glue.workflows.service import WorkflowService
from millpond.glue.workflows.trigger import Trigger
from millpond.glue.workflows.workflow import Workflow
from millpond.moto_models import stand_in

__all__ = ["WorkflowService", "install"]


def install() -> None:
    """Put our triggers and workflows in the place of moto's; before the first request."""
    stand_in(moto.glue.models, "FakeTrigger", Trigger)
    stand_in(moto.glue.models, "FakeWorkflow", Workflow)
