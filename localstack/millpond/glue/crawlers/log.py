"""A crawl's log: lines as AWS's crawlers write them.

https://docs.aws.amazon.com/glue/latest/dg/monitor-cloudwatch.html
"""

from __future__ import annotations

import enum
import time

from moto.logs.models import LogsBackend, logs_backends

from millpond.glue.crawlers.role import CrawlerRole

LOG_GROUP = "/aws-glue/crawlers"


class Level(enum.Enum):
    """How a line is meant."""

    BENCHMARK = "BENCHMARK"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class CrawlLog:
    """Writes lines to the crawler's stream, each with the crawl's id.

    Args:
        role: Must be allowed to write logs.
        account_id: Of the crawler.
        region: Of the crawler.
        crawler: Its name, which is the stream's.
        crawl_id: The lines' prefix.
    """

    def __init__(self, role: CrawlerRole, account_id: str, region: str, crawler: str, crawl_id: str) -> None:
        self._backend: LogsBackend = logs_backends[account_id][region]
        self._role = role
        self._stream = crawler
        self._prefix = crawl_id

    def open(self) -> None:
        """Make the group and the stream if they are not there.

        Raises:
            AccessDeniedError: The role must not write logs.
        """
        if LOG_GROUP not in self._backend.groups:
            self._role.require_logs("CreateLogGroup", LOG_GROUP)
            self._backend.ensure_log_group(LOG_GROUP)
        if self._stream not in self._backend.groups[LOG_GROUP].streams:
            self._role.require_logs("CreateLogStream", LOG_GROUP, self._stream)
            self._backend.ensure_log_stream(LOG_GROUP, self._stream)
        self._role.require_logs("PutLogEvents", LOG_GROUP, self._stream)

    def write(self, level: Level, text: str) -> None:
        """Append a line; a group that was deleted meanwhile is made again."""
        self._backend.ensure_log_group(LOG_GROUP)
        self._backend.ensure_log_stream(LOG_GROUP, self._stream)
        event = {"timestamp": int(time.time() * 1000), "message": f"[{self._prefix}] {level.value} : {text}"}
        self._backend.put_log_events(LOG_GROUP, self._stream, [event])
