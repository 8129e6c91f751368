"""Waiting for what happens in a cloud; a wait that is in vain says what there was instead."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from millpond.testing.exceptions import AwaitedQueryFailed, NotSeenInTime

T = TypeVar("T")

TIMEOUT: Final = 30.0
_POLL_SECONDS: Final = 0.05
_SHOWN: Final = 10
"""How many keys or lines a message shows."""

_QUEUE_COUNTS: Final = {
    "ApproximateNumberOfMessages": "visible",
    "ApproximateNumberOfMessagesNotVisible": "in flight",
    "ApproximateNumberOfMessagesDelayed": "delayed",
}


@dataclass(frozen=True)
class WaitFor:
    """Each method waits until something is so and returns what it found.

    They raise `NotSeenInTime`, which is an `AssertionError`, after `timeout` seconds.
    """

    client: Callable[[str], Any]

    def queue_empty(self, queue_url: str, timeout: float = TIMEOUT) -> None:
        """Until a queue has no messages: none visible, none in flight, none delayed."""
        __tracebackhide__ = True
        counts: dict[str, int] = {}

        def empty() -> bool:
            found = self.client("sqs").get_queue_attributes(
                QueueUrl=queue_url, AttributeNames=list(_QUEUE_COUNTS)
            )
            counts.update({word: int(found["Attributes"][name]) for name, word in _QUEUE_COUNTS.items()})
            return not any(counts.values())

        def seen() -> str:
            return "it has " + ", ".join(f"{count} {word}" for word, count in counts.items())

        self.condition(empty, f"queue {queue_url.rpartition('/')[2]} is empty", seen, timeout)

    def object(self, bucket: str, key: str, timeout: float = TIMEOUT) -> bytes:
        """Until a bucket has an object; returns its content."""
        __tracebackhide__ = True
        self._keys(bucket, key, lambda keys: key in keys, f"object s3://{bucket}/{key}", timeout)
        content: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def objects(self, bucket: str, prefix: str = "", count: int = 1, timeout: float = TIMEOUT) -> list[str]:
        """Until a bucket has so many objects under a prefix; returns their keys."""
        __tracebackhide__ = True
        awaited = f"{count} objects under s3://{bucket}/{prefix}"
        return self._keys(bucket, prefix, lambda keys: len(keys) >= count, awaited, timeout)

    def log_line(self, log_group: str, pattern: str, timeout: float = TIMEOUT) -> str:
        """Until a log group has a line in which a regular expression is found; returns the newest such."""
        __tracebackhide__ = True
        lines: list[str] = []
        logs = self.client("logs")

        def found() -> str | None:
            try:
                pages = logs.get_paginator("filter_log_events").paginate(logGroupName=log_group)
                lines[:] = [event["message"].rstrip() for event in pages.search("events[]")]
            except logs.exceptions.ResourceNotFoundException:
                return None
            return next((line for line in reversed(lines) if re.search(pattern, line)), None)

        def seen() -> str:
            shown = "".join(f"\n  {line}" for line in lines[-_SHOWN:])
            return f"the last of its {len(lines)} lines:{shown}" if lines else "it has no lines"

        return self.condition(found, f"a line like {pattern!r} in {log_group}", seen, timeout)

    def query(self, execution_id: str, timeout: float = TIMEOUT) -> dict[str, Any]:
        """Until a query has succeeded; returns its QueryExecution.

        Raises:
            AwaitedQueryFailed: It failed or was cancelled.
        """
        __tracebackhide__ = True
        execution: dict[str, Any] = {}

        def ended() -> bool:
            answer = self.client("athena").get_query_execution(QueryExecutionId=execution_id)
            execution.update(answer["QueryExecution"])
            return execution["Status"]["State"] not in ("QUEUED", "RUNNING")

        def seen() -> str:
            return f"it is {execution['Status']['State']}: {execution['Query']}"

        self.condition(ended, f"query {execution_id} has ended", seen, timeout)
        status = execution["Status"]
        if status["State"] != "SUCCEEDED":
            raise AwaitedQueryFailed(execution_id, status["State"], status.get("StateChangeReason", ""))
        return execution

    def condition(
        self,
        found: Callable[[], T | None],
        awaited: str,
        seen: Callable[[], str] = lambda: "nothing was seen of it",
        timeout: float = TIMEOUT,
    ) -> T:
        """Until a function gives something true, which is returned.

        Args:
            found: Is asked again and again.
            awaited: What is waited for, in the words of the error.
            seen: What there is instead, for the error.
            timeout: Seconds.
        """
        __tracebackhide__ = True
        deadline = time.monotonic() + timeout
        while True:
            value = found()
            if value:
                return value
            if time.monotonic() >= deadline:
                raise NotSeenInTime(awaited, timeout, seen())
            time.sleep(_POLL_SECONDS)

    def _keys(
        self, bucket: str, prefix: str, enough: Callable[[list[str]], bool], awaited: str, timeout: float
    ) -> list[str]:
        __tracebackhide__ = True
        keys: list[str] = []
        s3 = self.client("s3")

        def listed(under: str) -> list[str]:
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=under)
            return [found["Key"] for found in pages.search("Contents[]") if found]

        def found() -> bool:
            keys[:] = listed(prefix)
            return enough(keys)

        def seen() -> str:
            others = listed("")
            shown = "".join(f"\n  {key}" for key in others[:_SHOWN])
            return (
                f"the bucket has {len(others)} objects, first of all:{shown}"
                if others
                else "the bucket is empty"
            )

        self.condition(found, awaited, seen, timeout)
        return keys
