"""A crawler: its definition, its state, the crawls that it has run."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.glue.models import FakeCrawler

from millpond.glue.crawlers.changes import Added, Changes, Deleted, Updated
from millpond.glue.crawlers.crawl import CrawlMemory
from millpond.glue.crawlers.log import LOG_GROUP

SCHEDULED, NOT_SCHEDULED = "SCHEDULED", "NOT_SCHEDULED"


@dataclass
class CrawlRecord:
    """One crawl, as ListCrawls tells it.

    Attributes:
        crawler_name: Whose it is.
        crawl_id: Its id.
        started: When.
        cancelled: Asks it to stop.
        status: `RUNNING`, `SUCCEEDED`, `FAILED` or `CANCELLED` (ListCrawls: `COMPLETED`, `STOPPED`).
        ended: When; None while it runs.
        error: Why it failed.
        changes: What it wrote.
    """

    crawler_name: str
    crawl_id: str
    started: datetime.datetime
    cancelled: threading.Event = field(default_factory=threading.Event)
    status: str = "RUNNING"
    ended: datetime.datetime | None = None
    error: str | None = None
    changes: Changes = field(default_factory=Changes)

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return ((self.ended or datetime.datetime.now(datetime.UTC)) - self.started).total_seconds()

    @property
    def history_state(self) -> str:
        """Its status in ListCrawls' words."""
        return {"SUCCEEDED": "COMPLETED", "CANCELLED": "STOPPED"}.get(self.status, self.status)

    def to_history(self) -> dict[str, Any]:
        """A `CrawlerHistory`."""
        history: dict[str, Any] = {
            "CrawlId": self.crawl_id,
            "State": self.history_state,
            "StartTime": self.started,
            **self._log_place(),
        }
        if self.ended:
            history |= {"EndTime": self.ended, "DPUHour": round(self.seconds / 3600, 3)}
        if self.changes.summary:
            history["Summary"] = self.changes.summary
        if self.error:
            history["ErrorMessage"] = self.error
        return history

    def to_last_crawl(self) -> dict[str, Any]:
        """A `LastCrawlInfo`."""
        last = {"Status": self.status, "StartTime": self.started, **self._log_place()}
        return {**last, **({"ErrorMessage": self.error} if self.error else {})}

    def to_workflow_node(self) -> dict[str, Any]:
        """A `Crawl` in a workflow run's graph."""
        node: dict[str, Any] = {
            "State": self.status,
            "StartedOn": self.started,
            "LogGroup": LOG_GROUP,
            "LogStream": self.crawler_name,
        }
        if self.ended:
            node["CompletedOn"] = self.ended
        return {**node, **({"ErrorMessage": self.error} if self.error else {})}

    def _log_place(self) -> dict[str, str]:
        return {"LogGroup": LOG_GROUP, "LogStream": self.crawler_name, "MessagePrefix": self.crawl_id}


class Crawler(FakeCrawler):
    """moto's crawler, with what moto forgets and what it does not run.

    Attributes:
        lake_formation: Its `LakeFormationConfiguration`.
        state: `READY`, `RUNNING` or `STOPPING`.
        schedule_state: Whether its schedule runs.
        records: Its crawls, the oldest first.
        memory: What it knows of its last crawl.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.lake_formation: Mapping[str, Any] | None = None
        self.state = "READY"
        self.schedule_state = SCHEDULED if self.schedule else NOT_SCHEDULED
        self.records: list[CrawlRecord] = []
        self.memory = CrawlMemory()

    @property
    def status(self) -> str:
        """`READY`, `RUNNING` or `STOPPING`."""
        return self.state

    @property
    def current(self) -> CrawlRecord | None:
        """The crawl that runs."""
        return self.records[-1] if self.records and self.records[-1].ended is None else None

    def as_dict(self) -> dict[str, Any]:
        """The crawler as GetCrawler answers it."""
        found = super().as_dict()
        found["State"] = self.state
        current = self.current
        found["CrawlElapsedTime"] = round(current.seconds * 1000) if current else 0
        if self.schedule:
            found["Schedule"] = {"ScheduleExpression": self.schedule, "State": self.schedule_state}
        ended = [record for record in self.records if record.ended]
        if ended:
            found["LastCrawl"] = ended[-1].to_last_crawl()
        if self.lake_formation:
            found["LakeFormationConfiguration"] = self.lake_formation
        return found

    def metrics(self) -> dict[str, Any]:
        """Its `CrawlerMetrics`."""
        runtimes = sorted(record.seconds for record in self.records if record.ended)
        last = next((record for record in reversed(self.records) if record.ended), None)
        changes = last.changes if last else Changes()
        return {
            "CrawlerName": self.name,
            "TimeLeftSeconds": 0.0,
            "StillEstimating": self.current is not None,
            "LastRuntimeSeconds": round(last.seconds, 3) if last else 0.0,
            "MedianRuntimeSeconds": round(runtimes[len(runtimes) // 2], 3) if runtimes else 0.0,
            "TablesCreated": changes.tables_of(Added),
            "TablesUpdated": changes.tables_of(Updated),
            "TablesDeleted": changes.tables_of(Deleted),
        }
