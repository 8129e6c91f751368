"""The ledger: every content is taken in once, however often and under whatever name it is delivered.

The first attempt at a content claims it with a conditional put that fixes the ingestion date and time. An
attempt that dies leaves the claim behind, and the next one goes on under it: the same date, hence the same
keys and the same bytes. The entry in the ingestion log is written last; with it the content is done.

To take a content in anew, after its contract was changed, delete its entry in the ingestion log and deliver
the file again: its rows replace the earlier ones.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lake.raw_zone import claim_key, log_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Clock = Callable[[], datetime.datetime]

_ALREADY_THERE = "PreconditionFailed"
_NOT_THERE = ("NoSuchKey", "404")
# No source can have this name. Athena reads what lies there; folders that begin with _ are hidden from it.
_UNKNOWN_SOURCES = "unknown-source"


@dataclass(frozen=True)
class Claim:
    """The right to take a content in, and under which date.

    Attributes:
        source: The source.
        source_file: The object that the content was first seen in.
        content_hash: The content.
        ingest_date: The partition that its rows go to.
        ingested_at: When it was claimed, in UTC.
        delivered_at: When the object that the content was first seen in was put into landing, in UTC.
        is_resumed: Whether an earlier attempt may have written some of its objects.
    """

    source: str
    source_file: str
    content_hash: str
    ingest_date: str
    ingested_at: str
    delivered_at: str
    is_resumed: bool = False

    @property
    def moment(self) -> datetime.datetime:
        """When the file was taken in, in UTC."""
        return datetime.datetime.fromisoformat(self.ingested_at)

    @property
    def delivery(self) -> datetime.datetime:
        """When the file was put into landing, in UTC."""
        return datetime.datetime.fromisoformat(self.delivered_at)


@dataclass(frozen=True)
class LogEntry:
    """A line of the ingestion log; the fields are those of its table."""

    source: str
    source_file: str
    content_hash: str
    status: str
    reason: str | None
    lines: int
    loaded: int
    quarantined: int
    ignored_fields: tuple[str, ...]
    ingest_date: str
    ingested_at: str
    delivered_at: str
    completed_at: str


class Ledger:
    """The claims and the log in the raw bucket."""

    def __init__(self, s3: S3Client, bucket: str, now: Clock) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._now = now

    def claim(
        self, source: str, source_file: str, content_hash: str, delivered_at: datetime.datetime
    ) -> Claim | None:
        """Claim a content, or go on under the claim of an attempt that died; None if it is done already.

        Args:
            source: The source.
            source_file: The object.
            content_hash: What it holds.
            delivered_at: When it was put into landing, in UTC.
        """
        now = self._now()
        claim = Claim(
            source,
            source_file,
            content_hash,
            now.date().isoformat(),
            _timestamp(now),
            _timestamp(delivered_at),
        )
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=claim_key(source, content_hash),
                Body=json.dumps(_facts(claim)).encode(),
                IfNoneMatch="*",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _ALREADY_THERE:
                raise
            if self._read(log_key(source, content_hash)) is not None:
                return None
            earlier = self._read(claim_key(source, content_hash))
            return Claim(**earlier, is_resumed=True) if earlier else claim
        return claim

    def complete(
        self, claim: Claim, *, loaded: int, quarantined: int, ignored_fields: tuple[str, ...]
    ) -> LogEntry:
        """Say that all of a content is in raw and in quarantine."""
        entry = LogEntry(
            **_facts(claim),
            status="loaded",
            reason=None,
            lines=loaded + quarantined,
            loaded=loaded,
            quarantined=quarantined,
            ignored_fields=ignored_fields,
            completed_at=_timestamp(self._now()),
        )
        self._write(log_key(claim.source, claim.content_hash), entry)
        return entry

    def refuse(
        self,
        source: str | None,
        folder: str,
        source_file: str,
        content: bytes,
        reason: str,
        delivered_at: datetime.datetime,
    ) -> LogEntry:
        """Say that no line of a file was taken in. It may come again, and then counts as new.

        Args:
            source: The source, None if no contract names it.
            folder: The folder in landing.
            source_file: The object.
            content: What it holds.
            reason: Why it was refused.
            delivered_at: When it was put into landing, in UTC.
        """
        now = self._now()
        content_hash = hashlib.sha256(content).hexdigest()
        entry = LogEntry(
            source=folder,
            source_file=source_file,
            content_hash=content_hash,
            status="refused",
            reason=reason,
            lines=0,
            loaded=0,
            quarantined=0,
            ignored_fields=(),
            ingest_date=now.date().isoformat(),
            ingested_at=_timestamp(now),
            delivered_at=_timestamp(delivered_at),
            completed_at=_timestamp(now),
        )
        # All empty files have one content: the name of the file keeps their entries apart.
        name = f"{content_hash}-{hashlib.sha256(source_file.encode()).hexdigest()[:16]}"
        self._write(log_key(source or _UNKNOWN_SOURCES, name), entry)
        return entry

    def _write(self, key: str, entry: LogEntry) -> None:
        body = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/x-ndjson")

    def _read(self, key: str) -> dict[str, Any] | None:
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return None
            raise
        content: dict[str, Any] = json.loads(body)
        return content


def _facts(claim: Claim) -> dict[str, Any]:
    """What every attempt at a content has in common."""
    return {name: value for name, value in asdict(claim).items() if name != "is_resumed"}


def _timestamp(moment: datetime.datetime) -> str:
    """A moment as Athena's JSON SerDe reads a timestamp, in milliseconds."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
