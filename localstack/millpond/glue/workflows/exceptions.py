"""What triggers and workflows refuse beyond moto's own errors."""

from __future__ import annotations

from millpond.glue.exceptions import GlueRefusal


class IllegalWorkflowState(GlueRefusal):
    """The workflow or its run is not in a state in which that can be asked of it."""

    name = "IllegalWorkflowStateException"


class ConcurrentWorkflowRunsExceeded(GlueRefusal):
    """The workflow has as many runs as it may."""

    name = "ConcurrentRunsExceededException"

    def __init__(self, workflow: str) -> None:
        super().__init__(f"Concurrent runs exceeded for workflow: {workflow}.")


class EntityExists(GlueRefusal):
    """A trigger or workflow of that name exists."""

    name = "AlreadyExistsException"
