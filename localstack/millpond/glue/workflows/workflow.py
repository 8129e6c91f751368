"""A workflow: triggers that belong together, and its runs.

https://docs.aws.amazon.com/glue/latest/dg/workflows_overview.html
"""

from __future__ import annotations

from typing import Any

from moto.glue.models import FakeWorkflow

from millpond.glue.workflows.run import TriggeredRun


class Workflow(FakeWorkflow):
    """moto's workflow, whose runs are ours.

    Attributes:
        triggered_runs: By id, the oldest first.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.triggered_runs: dict[str, TriggeredRun] = {}

    @property
    def last_run(self) -> TriggeredRun | None:
        """The run that was started last."""
        return next(reversed(self.triggered_runs.values()), None)

    def as_dict(self) -> dict[str, Any]:
        """The workflow as GetWorkflow answers it."""
        last = self.last_run
        return {**super().as_dict(), **({"LastRun": last.to_dict()} if last else {})}
