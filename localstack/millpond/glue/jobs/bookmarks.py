"""Job bookmarks: which objects a job has read, per `transformation_ctx`, after each run that committed.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from millpond.glue.jobs.arguments import BOOKMARK_ENABLED, BOOKMARK_PAUSED, JobArguments
from millpond.glue.jobs.exceptions import BookmarkNotFound
from millpond.glue.jobs.run import JobRun

ReadObjects = Mapping[str, Mapping[str, str]]
"""By `transformation_ctx` and S3 address: when the object was written that was read."""


@dataclass(frozen=True)
class BookmarkWindow:
    """What a run is to read.

    Attributes:
        enabled: Whether bookmarks are looked at at all.
        kept: Whether what is read is kept for the next run.
        after: What is not read again.
        until: What is read at most; None for everything that there is.
    """

    enabled: bool = False
    kept: bool = False
    after: ReadObjects = field(default_factory=dict)
    until: ReadObjects | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the job's process reads it."""
        return {"enabled": self.enabled, "after": self.after, "until": self.until}


@dataclass(frozen=True)
class BookmarkEntry:
    """A job's bookmark as one of its runs left it, or as it was reset.

    Attributes:
        objects: What is not read again.
        was_reset: ResetJobBookmark made it, of what the run had left.
    """

    job_name: str
    run_id: str
    previous_run_id: str | None
    attempt: int
    version: int
    run: int
    objects: ReadObjects
    was_reset: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As ResetJobBookmark answers it."""
        return {
            "JobName": self.job_name,
            "Version": self.version,
            "Run": self.run,
            "Attempt": self.attempt,
            **({"PreviousRunId": self.previous_run_id} if self.previous_run_id else {}),
            "RunId": self.run_id,
            "JobBookmark": json.dumps(self.objects),
        }


class Bookmarks:
    """The bookmarks of one account and region."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, list[BookmarkEntry]] = {}

    def window(self, job_name: str, arguments: JobArguments) -> BookmarkWindow:
        """What a run with these arguments is to read."""
        option = arguments.bookmark_option
        if option == BOOKMARK_ENABLED:
            return BookmarkWindow(enabled=True, kept=True, after=self._latest(job_name))
        if option != BOOKMARK_PAUSED:
            return BookmarkWindow()
        start, end = arguments.text("--job-bookmark-from"), arguments.text("--job-bookmark-to")
        if start and end:
            return BookmarkWindow(
                enabled=True, after=self._as_of(job_name, start), until=self._as_of(job_name, end)
            )
        return BookmarkWindow(enabled=True, after=self._latest(job_name))

    def keep(self, run: JobRun, objects: ReadObjects) -> None:
        """Keep what a run committed."""
        job_name = run.specification.job_name
        with self._lock:
            entries = self._entries.setdefault(job_name, [])
            last = entries[-1] if entries else None
            entries.append(
                BookmarkEntry(
                    job_name,
                    run.id,
                    last.run_id if last else None,
                    run.attempt,
                    last.version + 1 if last else 1,
                    last.run + 1 if last else 1,
                    objects,
                )
            )

    def entry(self, job_name: str, run_id: str | None = None) -> BookmarkEntry:
        """GetJobBookmark: the latest one, or that of a run.

        Raises:
            BookmarkNotFound: There is none.
        """
        with self._lock:
            for entry in reversed(self._entries.get(job_name, ())):
                if run_id is None or (run_id == entry.run_id and not entry.was_reset):
                    return entry
        raise BookmarkNotFound(job_name)

    def reset(self, job_name: str, run_id: str | None = None) -> BookmarkEntry:
        """ResetJobBookmark: forget everything, or what came after a run.

        Raises:
            BookmarkNotFound: No run has left a bookmark, or this one has not.
        """
        found = self.entry(job_name, run_id)
        objects = found.objects if run_id else {}
        with self._lock:
            entries = self._entries[job_name]
            entry = BookmarkEntry(
                job_name,
                found.run_id,
                found.previous_run_id,
                0,
                entries[-1].version + 1,
                0,
                objects,
                was_reset=True,
            )
            # The earlier ones stay for `--job-bookmark-from` and `-to`.
            entries.append(entry)
        return entry

    def forget(self, job_name: str) -> None:
        """Forget those of a job that is deleted."""
        with self._lock:
            self._entries.pop(job_name, None)

    def _latest(self, job_name: str) -> ReadObjects:
        with self._lock:
            entries = self._entries.get(job_name)
            return entries[-1].objects if entries else {}

    def _as_of(self, job_name: str, run_id: str) -> ReadObjects:
        """After the last run that committed, up to and including this one; run 0 is the beginning."""
        if run_id == "0":
            return {}
        return self.entry(job_name, run_id).objects
