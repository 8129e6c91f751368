"""Kinesis of one account and region."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import moto.kinesis.models
from moto.kinesis.exceptions import (
    InvalidArgumentError,
    RecordSizeExceedsLimit,
    TooManyRecords,
    TotalRecordsSizeExceedsLimit,
)
from moto.kinesis.models import KinesisBackend, Record, kinesis_backends
from moto.kinesis.utils import compose_shard_iterator, decompose_shard_iterator

from millpond.kinesis.shards import OrderedShard
from millpond.kinesis.streams import OrderedStream
from millpond.moto_models import stand_in

_MOST_RECORDS = 500
_MOST_RECORD_BYTES = 1_048_576
_MOST_BYTES = 5 * 1_048_576


class StreamService(KinesisBackend):
    """moto's, without a metric for each record, which it would keep for ever."""

    @property
    def _url_module(self) -> Any:
        from millpond.kinesis import urls

        return urls

    def create_stream(
        self,
        stream_name: str,
        shard_count: int | None,
        stream_mode: dict[str, str] | None = None,
        retention_period_hours: int | None = None,
    ) -> Any:
        """CreateStream: a stream without a number of shards scales by itself, from four.

        Raises:
            InvalidArgumentError: It is to have a number of shards, and none is given.
        """
        mode = stream_mode or {"StreamMode": "PROVISIONED" if shard_count else "ON_DEMAND"}
        if mode["StreamMode"] == "PROVISIONED" and not shard_count:
            raise InvalidArgumentError("ShardCount must be given with the stream mode PROVISIONED.")
        return super().create_stream(stream_name, shard_count or 0, mode, retention_period_hours)

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of a stream or a consumer, to be read and changed.

        Raises:
            StreamNotFoundError: There is no such stream.
            ConsumerNotFound: There is no such consumer.
        """
        tags: dict[str, str]
        if "/consumer/" in arn:
            consumer = self.describe_stream_consumer(stream_arn="", consumer_name="", consumer_arn=arn)
            # moto's consumers have no place for them.
            tags = vars(consumer).setdefault("tags", {})
        else:
            tags = self.describe_stream(stream_arn=arn, stream_name=None).tags
        return tags

    def put_record(
        self, stream_arn: str, stream_name: str, partition_key: str, explicit_hash_key: str, data: str
    ) -> tuple[str, str]:
        """PutRecord.

        Raises:
            RecordSizeExceedsLimit: It is longer than 1 MiB.
            StreamNotFoundError: There is no such stream.
        """
        stream = self.describe_stream(stream_arn=stream_arn, stream_name=stream_name)
        if len(b64decode(data)) + len(partition_key or "") > _MOST_RECORD_BYTES:
            raise RecordSizeExceedsLimit(position=1)
        return stream.put_record(partition_key, explicit_hash_key, data)

    def put_records(self, stream_arn: str, stream_name: str, records: list[dict[str, Any]]) -> dict[str, Any]:
        """PutRecords.

        Raises:
            TooManyRecords: There are more than 500.
            RecordSizeExceedsLimit: One is longer than 1 MiB.
            TotalRecordsSizeExceedsLimit: Together they are longer than 5 MiB.
        """
        stream = self.describe_stream(stream_arn=stream_arn, stream_name=stream_name)
        if len(records) > _MOST_RECORDS:
            raise TooManyRecords
        sizes = [len(b64decode(r.get("Data", ""))) + len(r.get("PartitionKey", "")) for r in records]
        for position, size in enumerate(sizes, 1):
            if size > _MOST_RECORD_BYTES:
                raise RecordSizeExceedsLimit(position=position)
        if sum(sizes) > _MOST_BYTES:
            raise TotalRecordsSizeExceedsLimit
        answers = []
        for record in records:
            number, shard_id = stream.put_record(
                record.get("PartitionKey", ""), record.get("ExplicitHashKey", ""), record.get("Data", "")
            )
            answers.append({"SequenceNumber": number, "ShardId": shard_id})
        return {"FailedRecordCount": 0, "Records": answers}

    def get_records(
        self, stream_arn: str | None, shard_iterator: str, limit: int | None
    ) -> tuple[Any, list[Record], int]:
        """GetRecords; the iterator of a closed shard ends with its last record."""
        try:
            stream_name, shard_id, after = decompose_shard_iterator(shard_iterator)
        except ValueError:
            raise InvalidArgumentError("Invalid ShardIterator.") from None
        stream = self.describe_stream(stream_arn=stream_arn, stream_name=stream_name)
        shard = stream.get_shard(shard_id)
        assert isinstance(shard, OrderedShard)  # noqa: S101 - install() has moto make no others
        records, last, behind = shard.get_records(after, limit)
        if not shard.is_open and not shard.has_more(last):
            return None, records, behind
        return compose_shard_iterator(stream_name, shard, last), records, behind

    def delete_stream(self, stream_arn: str | None, stream_name: str | None) -> Any:
        """DeleteStream; those who wait for its records wait no longer."""
        stream = super().delete_stream(stream_arn, stream_name)
        stream.wake()  # type: ignore[attr-defined]  # install() has moto make no others
        return stream


def find_stream(arn: str) -> OrderedStream | None:
    """The stream with this ARN; None if there is none."""
    _, _, _, region, account_id, resource = arn.split(":", 5)
    stream = kinesis_backends[account_id][region].streams.get(resource.partition("/")[2])
    return stream if isinstance(stream, OrderedStream) else None


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    stand_in(moto.kinesis.models, "Shard", OrderedShard)
    stand_in(moto.kinesis.models, "Stream", OrderedStream)
    kinesis_backends.backend = StreamService
