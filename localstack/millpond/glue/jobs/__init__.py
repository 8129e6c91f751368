"""Glue jobs that really run: Python shell and Spark scripts, each in a process of its own.

    responses → service (which runs there are) → runner (one run) → workspace, process, output, reports

`run` is what all of them pass on: what a run is to do, and how far it is. `bootstrap` and `runtime` are what
the job's process sees; nothing else of Millpond is on its path.
"""

from __future__ import annotations

from millpond.glue.jobs.service import JobService
from millpond.glue.jobs.settings import JobSettings
from millpond.glue.runtime import GlueRuntime

__all__ = ["JobService", "JobSettings", "install"]


def install(runtime: GlueRuntime) -> None:
    """Make this what executes the process's runs; once, before the first request."""
    # It lays out packages as functions do; functions know events, which know Glue's workflows.
    from millpond.glue.jobs.runner import JobRunner

    given = runtime.settings
    runner = JobRunner(JobSettings(given.data_dir / "jobs", given.endpoint_url, given.other_endpoints))
    JobService.runner = runner
    runtime.at_shutdown(runner.shutdown)
