"""The crawlers of one account and region: started, stopped, scheduled; each crawl on a thread of its own."""

from __future__ import annotations

import datetime
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

from moto.core.exceptions import JsonRESTError
from moto.glue.exceptions import CrawlerNotRunningException, CrawlerRunningException

from millpond.glue import schedules
from millpond.glue.crawlers.announcements import announce
from millpond.glue.crawlers.classifiers import ClassifierChain
from millpond.glue.crawlers.crawl import Crawl
from millpond.glue.crawlers.crawler import NOT_SCHEDULED, SCHEDULED, Crawler, CrawlRecord
from millpond.glue.crawlers.exceptions import (
    CrawlCancelled,
    CrawlerNotScheduled,
    CrawlerStopping,
    CrawlFailed,
    NoSchedule,
    SchedulerRunning,
)
from millpond.glue.crawlers.settings import read_settings
from millpond.glue.exceptions import EntityNotFound
from millpond.glue.run_states import RunKind, RunRequest

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_SHUTDOWN_SECONDS: Final = 2.0


class CrawlerService:
    """Runs crawlers; a `Runner` for triggers and workflows.

    Args:
        glue: The catalog and the crawlers' definitions.
    """

    def __init__(self, glue: GlueService) -> None:
        self._glue = glue
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._closed = False
        glue.run_states.register(RunKind.CRAWLER, self)
        glue.runtime.at_shutdown(self.shutdown)

    # ---- crawls

    def start(self, request: RunRequest) -> str:
        """Start a crawl and return its id.

        A crawl that is refused is in the history as one that failed: schedules and triggers have nobody else
        to tell.

        Raises:
            CrawlerNotFoundException: There is no such crawler.
            CrawlerRunningException: It runs already.
            UnsupportedOperation: It has something that is not crawled locally.
            InvalidInput: Its definition cannot be read.
        """
        crawler = self.crawler(request.name)
        try:
            settings = read_settings(crawler)
            classifiers = ClassifierChain(self._classifier(name) for name in crawler.classifiers or ())
        except JsonRESTError as refusal:
            self._keep_refused(crawler, str(refusal.message))
            raise
        with self._lock:
            if self._closed or crawler.state != "READY":
                raise CrawlerRunningException(f"Crawler with name {crawler.name} has already started")
            record = CrawlRecord(crawler.name, str(uuid.uuid4()), _now())
            crawler.records.append(record)
            crawler.state = "RUNNING"
            crawl = Crawl(
                self._glue, settings, classifiers, record.crawl_id, crawler.memory, record.cancelled
            )
            thread = threading.Thread(
                target=self._run, args=(crawler, record, crawl), name=f"crawl-{crawler.name}", daemon=True
            )
            self._threads.add(thread)
        thread.start()
        return record.crawl_id

    def stop(self, name: str, run_id: str) -> None:
        """Ask a crawl to stop; one that has ended is no error."""
        crawler = self.crawler(name)
        with self._lock:
            record = crawler.current
            if record is not None and record.crawl_id == run_id:
                crawler.state = "STOPPING"
                record.cancelled.set()

    def stop_crawler(self, name: str) -> None:
        """StopCrawler.

        Raises:
            CrawlerNotRunningException: It does not run.
            CrawlerStopping: It has been asked to already.
        """
        crawler = self.crawler(name)
        record = crawler.current
        if record is None:
            raise CrawlerNotRunningException(f"Crawler with name {name} isn't running")
        if crawler.state == "STOPPING":
            raise CrawlerStopping(f"Crawler with name {name} is stopping")
        self.stop(name, record.crawl_id)

    def describe(self, name: str, run_id: str) -> dict[str, Any]:
        """A `Crawl`, as GetWorkflowRun's graph shows it."""
        records = self.crawler(name).records
        return next((r.to_workflow_node() for r in records if r.crawl_id == run_id), {})

    def crawler(self, name: str) -> Crawler:
        """A crawler by its name.

        Raises:
            CrawlerNotFoundException: There is none.
        """
        crawler = self._glue.get_crawler(name)
        assert isinstance(crawler, Crawler)  # noqa: S101 - install() put the class there
        return crawler

    def _keep_refused(self, crawler: Crawler, message: str) -> None:
        now = _now()
        record = CrawlRecord(crawler.name, str(uuid.uuid4()), now, status="FAILED", ended=now, error=message)
        with self._lock:
            if crawler.state != "READY":
                return
            crawler.records.append(record)
        announce(self._glue.account_id, self._glue.region_name, record)

    def _classifier(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = self._glue.classifiers.get(name)
        if found is None:
            raise EntityNotFound(f"Classifier with name {name} not found")
        return found

    def _run(self, crawler: Crawler, record: CrawlRecord, crawl: Crawl) -> None:
        status = "FAILED"
        try:
            announce(self._glue.account_id, self._glue.region_name, record)
            record.changes = crawl.run()
            status = "SUCCEEDED"
        except CrawlCancelled:
            status = "CANCELLED"
        except CrawlFailed as error:
            record.error = str(error)
        finally:
            with self._lock:
                record.status, record.ended = status, _now()
                crawler.state = "READY"
                self._threads.discard(threading.current_thread())
            self._glue.run_states.on_run_ended(RunKind.CRAWLER, crawler.name, record.crawl_id, status)
            announce(self._glue.account_id, self._glue.region_name, record)

    # ---- schedules

    def keep_schedule(self, crawler: Crawler) -> None:
        """Let the clock start a crawler as its schedule says, or not at all."""
        key = self._clock_name(crawler.name)
        clock = self._glue.runtime.clock
        if not crawler.schedule or crawler.schedule_state != SCHEDULED:
            clock.cancel(key)
            return
        schedules.keep(
            clock,
            key,
            schedules.read_schedule(crawler.schedule),
            lambda: self.start(RunRequest(crawler.name)),
        )

    def _clock_name(self, crawler: str) -> tuple[str, ...]:
        return "crawler", self._glue.account_id, self._glue.region_name, crawler

    def start_schedule(self, name: str) -> None:
        """StartCrawlerSchedule.

        Raises:
            NoSchedule: The crawler has none.
            SchedulerRunning: It runs already.
        """
        crawler = self.crawler(name)
        if not crawler.schedule:
            raise NoSchedule(f"Crawler {name} has no schedule")
        if crawler.schedule_state == SCHEDULED:
            raise SchedulerRunning(f"The schedule of crawler {name} is already running")
        crawler.schedule_state = SCHEDULED
        self.keep_schedule(crawler)

    def stop_schedule(self, name: str) -> None:
        """StopCrawlerSchedule.

        Raises:
            CrawlerNotScheduled: It does not run.
        """
        crawler = self.crawler(name)
        if crawler.schedule_state != SCHEDULED:
            raise CrawlerNotScheduled(f"The schedule of crawler {name} is not running")
        crawler.schedule_state = NOT_SCHEDULED
        self.keep_schedule(crawler)

    # ---- the end

    def close(self) -> None:
        """Forget all crawlers: none is started any more, and those that run are cancelled."""
        for name in list(self._glue.crawlers):
            self._glue.runtime.clock.cancel(self._clock_name(name))
        self.shutdown()

    def shutdown(self) -> None:
        """Cancel every crawl, and wait a little for all of them."""
        with self._lock:
            self._closed = True
            threads = list(self._threads)
            for crawler in list(self._glue.crawlers.values()):
                for record in getattr(crawler, "records", ()):
                    record.cancelled.set()
        until = time.monotonic() + _SHUTDOWN_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
