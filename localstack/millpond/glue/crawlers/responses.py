"""The wire format of crawlers: definitions, crawls, schedules, history and metrics.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import CrawlerRunningException, NoCrawlsEntryForCrawler
from moto.glue.responses import GlueResponse
from moto.glue.utils import CrawlFilter, FilterField, FilterOperator, validate_crawl_filters

from millpond.glue.crawlers.crawler import SCHEDULED, Crawler, CrawlRecord
from millpond.glue.crawlers.settings import read_settings
from millpond.glue.exceptions import InvalidInput, UnsupportedOperation
from millpond.glue.pages import page
from millpond.glue.run_states import RunRequest
from millpond.glue.schedules import read_schedule

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_ATTRIBUTES: Final[Mapping[str, str]] = {
    "Classifiers": "classifiers",
    "Configuration": "configuration",
    "CrawlerSecurityConfiguration": "crawler_security_configuration",
    "DatabaseName": "database_name",
    "Description": "description",
    "LineageConfiguration": "lineage_configuration",
    "RecrawlPolicy": "recrawl_policy",
    "Role": "role",
    "SchemaChangePolicy": "schema_change_policy",
    "TablePrefix": "table_prefix",
    "Targets": "targets",
}
_SCHEMA_CHANGES: Final[Mapping[str, str]] = {
    "UpdateBehavior": "UPDATE_IN_DATABASE",
    "DeleteBehavior": "DEPRECATE_IN_DATABASE",
}


class CrawlersApi(GlueResponse):
    """The operations."""

    @property
    def glue_backend(self) -> GlueService:
        """The service of the caller's account and region."""
        raise NotImplementedError

    # ---- definitions

    def create_crawler(self) -> ActionResult:
        """Keep a crawler, with the policies that AWS gives one that names none."""
        if self.parameters.get("Schedule"):
            read_schedule(self.parameters["Schedule"])
        answer = super().create_crawler()
        crawler = self._crawler(self.parameters["Name"])
        crawler.classifiers = crawler.classifiers or []
        crawler.recrawl_policy = crawler.recrawl_policy or {"RecrawlBehavior": "CRAWL_EVERYTHING"}
        crawler.schema_change_policy = {**_SCHEMA_CHANGES, **(crawler.schema_change_policy or {})}
        crawler.lineage_configuration = crawler.lineage_configuration or {"CrawlerLineageSettings": "DISABLE"}
        crawler.lake_formation = self.parameters.get("LakeFormationConfiguration")
        try:
            _check(crawler)
        except InvalidInput:
            del self.glue_backend.crawlers[crawler.name]
            raise
        self.glue_backend.crawler_service.keep_schedule(crawler)
        return answer

    def update_crawler(self) -> EmptyResult:
        """Change what is given of a crawler, unless it is running."""
        crawler = self._idle_crawler()
        if self.parameters.get("Schedule"):
            read_schedule(self.parameters["Schedule"])
        before = {attribute: getattr(crawler, attribute) for attribute in _ATTRIBUTES.values()}
        for name, attribute in _ATTRIBUTES.items():
            if name in self.parameters:
                setattr(crawler, attribute, self.parameters[name])
        crawler.schema_change_policy = {**_SCHEMA_CHANGES, **(crawler.schema_change_policy or {})}
        try:
            _check(crawler)
        except InvalidInput:
            for attribute, value in before.items():
                setattr(crawler, attribute, value)
            raise
        if "LakeFormationConfiguration" in self.parameters:
            crawler.lake_formation = self.parameters["LakeFormationConfiguration"]
        if "Schedule" in self.parameters:
            self._set_schedule(crawler, self.parameters["Schedule"])
        _changed(crawler)
        return EmptyResult()

    def delete_crawler(self) -> ActionResult:
        """Forget a crawler, unless it is running."""
        crawler = self._idle_crawler()
        self._set_schedule(crawler, "")
        return super().delete_crawler()

    # ---- crawls

    def start_crawler(self) -> ActionResult:
        """Start a crawl."""
        self.glue_backend.crawler_service.start(RunRequest(self.parameters["Name"]))
        return EmptyResult()

    def stop_crawler(self) -> ActionResult:
        """Cancel the crawl that runs."""
        self.glue_backend.crawler_service.stop_crawler(self.parameters["Name"])
        return EmptyResult()

    def list_crawls(self) -> ActionResult:
        """A page of a crawler's crawls, the latest first."""
        name = self.parameters["CrawlerName"]
        if name not in self.glue_backend.crawlers:
            raise NoCrawlsEntryForCrawler(name)
        filters = validate_crawl_filters(self.parameters.get("Filters", []))
        records = [
            record
            for record in reversed(self._crawler(name).records)
            if all(_meets(record, condition) for condition in filters)
        ]
        size = self.parameters.get("MaxResults")
        found, token = page(records, 20 if size is None else size, self.parameters.get("NextToken"), 1000)
        return ActionResult({"Crawls": [record.to_history() for record in found], **token})

    def get_crawler_metrics(self) -> ActionResult:
        """A page of figures of the crawlers that are named, or of all."""
        names = self.parameters.get("CrawlerNameList") or list(self.glue_backend.crawlers)
        crawlers = [self._crawler(name) for name in names if name in self.glue_backend.crawlers]
        found, token = page(
            crawlers, self.parameters.get("MaxResults"), self.parameters.get("NextToken"), 1000
        )
        return ActionResult({"CrawlerMetricsList": [crawler.metrics() for crawler in found], **token})

    # ---- schedules

    def start_crawler_schedule(self) -> EmptyResult:
        """Let a crawler's schedule run again."""
        self.glue_backend.crawler_service.start_schedule(self.parameters["CrawlerName"])
        return EmptyResult()

    def stop_crawler_schedule(self) -> EmptyResult:
        """Let a crawler's schedule rest."""
        self.glue_backend.crawler_service.stop_schedule(self.parameters["CrawlerName"])
        return EmptyResult()

    def update_crawler_schedule(self) -> EmptyResult:
        """Give a crawler another schedule, or none."""
        expression = self.parameters.get("Schedule") or ""
        if expression:
            read_schedule(expression)
        crawler = self._crawler(self.parameters["CrawlerName"])
        self._set_schedule(crawler, expression)
        _changed(crawler)
        return EmptyResult()

    def _set_schedule(self, crawler: Crawler, expression: str) -> None:
        crawler.schedule = expression
        crawler.schedule_state = SCHEDULED
        self.glue_backend.crawler_service.keep_schedule(crawler)

    def _crawler(self, name: str) -> Crawler:
        return self.glue_backend.crawler_service.crawler(name)

    def _idle_crawler(self) -> Crawler:
        crawler = self._crawler(self.parameters["Name"])
        if crawler.state != "READY":
            raise CrawlerRunningException(f"Crawler with name {crawler.name} is running")
        return crawler


def _check(crawler: Crawler) -> None:
    """See that a definition can be read; what is not crawled here is kept, and refused when it is to run."""
    with contextlib.suppress(UnsupportedOperation):
        read_settings(crawler)


def _changed(crawler: Crawler) -> None:
    crawler.last_updated = datetime.datetime.now(datetime.UTC)
    crawler.version += 1


_FIELDS: Final[Mapping[FilterField, Callable[[CrawlRecord], Any]]] = {
    FilterField.CRAWL_ID: lambda record: record.crawl_id,
    FilterField.STATE: lambda record: record.history_state,
    FilterField.START_TIME: lambda record: record.started.timestamp() * 1000,
    FilterField.END_TIME: lambda record: record.ended.timestamp() * 1000 if record.ended else None,
    FilterField.DPU_HOUR: lambda record: round(record.seconds / 3600, 3),
}
_COMPARISONS: Final[Mapping[FilterOperator, Callable[[Any, Any], bool]]] = {
    FilterOperator.GT: lambda one, other: one > other,
    FilterOperator.GE: lambda one, other: one >= other,
    FilterOperator.LT: lambda one, other: one < other,
    FilterOperator.LE: lambda one, other: one <= other,
    FilterOperator.EQ: lambda one, other: one == other,
    FilterOperator.NE: lambda one, other: one != other,
}


def _meets(record: CrawlRecord, condition: CrawlFilter) -> bool:
    """Whether a crawl meets a condition; times are milliseconds since 1970, as AWS takes them."""
    value = _FIELDS[condition.field_name](record)
    if value is None:
        return False
    wanted: Any = condition.field_value
    if not isinstance(value, str):
        try:
            wanted = float(wanted)
        except ValueError:
            raise InvalidInput(f"The filter's value '{wanted}' is no number") from None
    return _COMPARISONS[condition.operator](value, wanted)
