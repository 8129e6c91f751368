"""What can go wrong with a job's run, as clients see it and inside the package."""

from __future__ import annotations

from millpond.glue.exceptions import EntityNotFound, GlueRefusal


class ConcurrentRunsExceeded(GlueRefusal):
    """As many runs of the job are under way as it allows."""

    name = "ConcurrentRunsExceededException"

    def __init__(self, job_name: str) -> None:
        super().__init__(f"Concurrent runs exceeded for {job_name}")


class JobRunNotFound(EntityNotFound):
    """The job has no such run."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"Job run {run_id} not found.")


class BookmarkNotFound(EntityNotFound):
    """No run of the job has left a bookmark."""

    def __init__(self, job_name: str) -> None:
        super().__init__(f"Job bookmark for {job_name} not found.")


class RunTerminal(GlueRefusal):
    """A run that is to be stopped has ended."""

    name = "IllegalStateException"

    def __init__(self, run_id: str, state: str) -> None:
        super().__init__(f"The specified job run {run_id} is in state {state} and cannot be stopped.")


class LaunchFailed(Exception):
    """A run cannot begin: what it needs is not there. The message becomes the run's `ErrorMessage`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"LAUNCH ERROR | {reason}")
        self.reason = reason
