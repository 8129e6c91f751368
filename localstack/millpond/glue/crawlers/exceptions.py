"""What goes wrong in a crawl, apart from what Glue's API refuses."""

from __future__ import annotations

from millpond.glue.exceptions import GlueRefusal


class CrawlFailed(Exception):
    """The crawl cannot go on; the text is LastCrawl's `ErrorMessage`."""


class CrawlCancelled(Exception):
    """StopCrawler, or the end of the local cloud."""


class UnreadableFile(Exception):
    """One file cannot be read or is broken; the crawl goes on without it."""


class CrawlerNotScheduled(GlueRefusal):
    """StopCrawlerSchedule of a crawler without a schedule that runs."""

    name = "SchedulerNotRunningException"


class SchedulerRunning(GlueRefusal):
    """StartCrawlerSchedule of a crawler whose schedule runs."""

    name = "SchedulerRunningException"


class NoSchedule(GlueRefusal):
    """StartCrawlerSchedule of a crawler that has no schedule."""

    name = "NoScheduleException"


class CrawlerStopping(GlueRefusal):
    """StopCrawler of a crawler that is stopping."""

    name = "CrawlerStoppingException"
