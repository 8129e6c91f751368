"""The deployed lake, as the demo uses it: drop files, wait for ingestion, ask Athena."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import MISSING, dataclass, fields
from typing import Any

from millpond.client import Endpoint, QueryAnswer, run_query
from millpond.demo.deliveries import Delivery
from millpond.demo.exceptions import IngestionStalled, LinesLost, MissingOutputs

_UPLOADS_AT_ONCE = 4
_POLL_SECONDS = 0.1
_STALLED_AFTER_SECONDS = 90.0


@dataclass(frozen=True)
class StackOutputs:
    """What a stack must export for the demo to find its lake."""

    landing_bucket: str
    raw_bucket: str
    marts_bucket: str
    results_bucket: str
    landing_database: str
    raw_database: str
    marts_database: str
    analyst_workgroup: str
    analyst_role_arn: str
    dbt_workgroup: str
    dbt_role_arn: str
    ingest_queue_url: str
    ingest_dead_letter_queue_url: str
    compact_raw_job: str
    landing_crawler: str
    batch_load_state_machine_arn: str
    # A stack whose cloud has no API Gateway has no event stream.
    events_url: str = ""
    sessionize_events_job: str = ""

    @classmethod
    def of(cls, outputs: Mapping[str, Any]) -> StackOutputs:
        """Pick the names out of a stack's outputs.

        Raises:
            MissingOutputs: Some are not there.
        """
        missing = [
            field.name for field in fields(cls) if field.default is MISSING and field.name not in outputs
        ]
        if missing:
            raise MissingOutputs(missing)
        return cls(**{f.name: str(outputs[f.name]) for f in fields(cls) if f.name in outputs})


@dataclass(frozen=True)
class IngestedSource:
    """What the ingestion log says of one source."""

    source: str
    files: int
    refused: int
    lines: int
    loaded: int
    quarantined: int


class Lake:
    """One deployed lake behind one endpoint, with the rights of whoever the endpoint knows."""

    def __init__(self, endpoint: Endpoint, outputs: StackOutputs) -> None:
        self.endpoint = endpoint
        self.outputs = outputs
        self._s3 = endpoint.client("s3")
        self._sqs = endpoint.client("sqs")

    def as_analyst(self) -> Lake:
        """The same lake with the rights of an analyst."""
        return Lake(self.endpoint.assume(self.outputs.analyst_role_arn, "analyst"), self.outputs)

    def drop(self, deliveries: Iterable[Delivery], on_file: Callable[[], None]) -> None:
        """Put files into their sources' folders of the landing bucket, as their owners would."""

        def put(delivery: Delivery) -> None:
            self._s3.upload_file(str(delivery.path), self.outputs.landing_bucket, landing_key(delivery))
            on_file()

        with ThreadPoolExecutor(_UPLOADS_AT_ONCE) as uploads:
            for upload in [uploads.submit(put, delivery) for delivery in deliveries]:
                upload.result()

    def wait_for_ingestion(self, on_waiting: Callable[[int], None]) -> None:
        """Wait until no event waits or is worked on; `on_waiting` is told how many are left.

        Raises:
            IngestionStalled: Nothing moved for 90 s, or events ended in the dead-letter queue.
        """
        fewest, since = None, time.monotonic()
        while True:
            left = self._messages(self.outputs.ingest_queue_url)
            on_waiting(left)
            if left == 0:
                break
            if fewest is None or left < fewest:
                fewest, since = left, time.monotonic()
            elif time.monotonic() - since > _STALLED_AFTER_SECONDS:
                raise IngestionStalled(
                    f"{left} events in {self.outputs.ingest_queue_url} have not moved for "
                    f"{_STALLED_AFTER_SECONDS:.0f} s; the ingest function's log group says why."
                )
            time.sleep(_POLL_SECONDS)
        dead = self._messages(self.outputs.ingest_dead_letter_queue_url)
        if dead:
            raise IngestionStalled(
                f"{dead} events ended in the dead-letter queue {self.outputs.ingest_dead_letter_queue_url}; "
                "the ingest function's log group says why."
            )

    def ingested(self) -> list[IngestedSource]:
        """What the ingestion log says, by source."""
        answer = self.query(
            "SELECT source, count(*) AS files, count_if(status = 'refused') AS refused, sum(lines) AS lines, "
            "sum(loaded) AS loaded, sum(quarantined) AS quarantined "
            f'FROM "{self.outputs.raw_database}"."ingestion_log" GROUP BY source ORDER BY source'
        )
        return [IngestedSource(row[0] or "", *(int(value or 0) for value in row[1:])) for row in answer.rows]

    def logged_lines(self) -> dict[str, int]:
        """The lines of every content that was taken in, by its hash."""
        sql = f'SELECT content_hash, lines FROM "{self.outputs.raw_database}"."ingestion_log" '
        answer = self.query(sql + "WHERE status = 'loaded'")
        return {str(content_hash): int(lines or 0) for content_hash, lines in answer.rows}

    def statuses(self, delivery: Delivery) -> set[str | None]:
        """What the ingestion log says became of a file; empty if it does not know it."""
        uri = f"s3://{self.outputs.landing_bucket}/{landing_key(delivery)}".replace("'", "''")
        sql = f'SELECT DISTINCT status FROM "{self.outputs.raw_database}"."ingestion_log" '
        return {status for (status,) in self.query(sql + f"WHERE source_file = '{uri}'").rows}

    def count_rows(self, table: str, condition: str = "true") -> int:
        """How many rows a table of raw has."""
        sql = f'SELECT count(*) FROM "{self.outputs.raw_database}"."{table}" WHERE {condition}'
        return int(self.query(sql).rows[0][0] or 0)

    def wait_for_rows(self, table: str, rows: int, on_waiting: Callable[[int], None]) -> None:
        """Wait until a table of raw has so many rows; `on_waiting` is told how many it has.

        Raises:
            IngestionStalled: It got no further for 90 s.
            LinesLost: It has more.
        """
        most, since = -1, time.monotonic()
        while (found := self.count_rows(table)) < rows:
            on_waiting(found)
            if found > most:
                most, since = found, time.monotonic()
            elif time.monotonic() - since > _STALLED_AFTER_SECONDS:
                raise IngestionStalled(
                    f"{table} in raw has {found} rows and not {rows} for {_STALLED_AFTER_SECONDS:.0f} s; "
                    "Firehose's log group says why."
                )
            time.sleep(_POLL_SECONDS)
        if found > rows:
            raise LinesLost(f"{table} in raw has {found} rows where {rows} were sent.")

    def query(self, sql: str) -> QueryAnswer:
        """Ask Athena, with the marts as the default database."""
        return run_query(self.endpoint, sql, self.outputs.marts_database, self.outputs.analyst_workgroup)

    def _messages(self, queue_url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)


def landing_key(delivery: Delivery) -> str:
    """Where a delivery's owner puts it."""
    return f"{delivery.source}/{delivery.path.name}"
