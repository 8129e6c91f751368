"""Triggers and workflows over crawlers, which run faster than jobs do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.glue.crawled_lake import CrawledLake


@dataclass(frozen=True)
class Chains:
    """Defines crawlers and triggers, and looks at what they have set off."""

    lake: CrawledLake

    @property
    def glue(self) -> Any:
        return self.lake.cloud.client("glue")

    def crawler(self, *, fails: bool = False) -> str:
        """A crawler that ends at once, well or not."""
        self.lake.put("in/1.csv", "id,name\n1,x\n")
        return self.lake.define("in/", **({"DatabaseName": "no_such_database"} if fails else {}))

    def trigger(self, kind: str, crawlers: list[str], **options: Any) -> str:
        """A trigger that starts crawlers."""
        name = str(self.lake.cloud.unique_name("trigger"))
        actions = [{"CrawlerName": crawler} for crawler in crawlers]
        self.glue.create_trigger(Name=name, Type=kind, **{"Actions": actions, **options})
        return name

    def after(self, *ends: tuple[str, str], logical: str = "AND") -> dict[str, Any]:
        """A predicate over crawlers and the states that they end in."""
        conditions = [
            {"LogicalOperator": "EQUALS", "CrawlerName": crawler, "CrawlState": state}
            for crawler, state in ends
        ]
        return {"Predicate": {"Logical": logical, "Conditions": conditions}, "StartOnCreation": True}

    def workflow(self, **options: Any) -> str:
        name = str(self.lake.cloud.unique_name("workflow"))
        self.glue.create_workflow(Name=name, **options)
        return name

    def crawls(self, crawler: str) -> int:
        """How often a crawler has run to its end."""
        crawls = self.glue.list_crawls(CrawlerName=crawler)["Crawls"]
        return sum(crawl["State"] != "RUNNING" for crawl in crawls)

    def wait_for_crawls(self, crawler: str, count: int = 1) -> None:
        self.lake.cloud.wait_for.condition(
            lambda: self.crawls(crawler) >= count, f"{count} crawls of {crawler}"
        )

    def ended(self, workflow: str, run_id: str, seconds: float = 60) -> dict[str, Any]:
        """A workflow's run, once it has ended."""

        def found() -> dict[str, Any] | None:
            run = self.glue.get_workflow_run(Name=workflow, RunId=run_id, IncludeGraph=True)["Run"]
            return run if run["Status"] not in ("RUNNING", "STOPPING") else None

        run: dict[str, Any] = self.lake.cloud.wait_for.condition(
            found, f"{run_id} has ended", timeout=seconds
        )
        return run

    def run(self, workflow: str, **options: Any) -> dict[str, Any]:
        """Start a workflow and wait for its end."""
        return self.ended(workflow, self.glue.start_workflow_run(Name=workflow, **options)["RunId"])


@pytest.fixture
def chains(lake: CrawledLake) -> Chains:
    return Chains(lake)
