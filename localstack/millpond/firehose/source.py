"""Delivery streams that read a Kinesis stream.

https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from moto.kinesis.models import Record, Shard

from millpond.firehose.destination import PRINCIPAL
from millpond.firehose.records import DeliveryRecord
from millpond.iam.enforcement import AccessDeniedError, RoleNotAssumableError, check_trust, role_actor
from millpond.kinesis import OrderedStream, ShardWatch

_log = logging.getLogger(__name__)

_BATCH = 500
_FORBIDDEN_SECONDS = 1.0


class KinesisSource:
    """Reads a stream from now on.

    Args:
        stream_arn: The Kinesis stream.
        role_arn: With whose rights it is read.
        delivery_stream_arn: What the role is taken on for.
        take: Takes the records.
    """

    def __init__(
        self,
        stream_arn: str,
        role_arn: str,
        delivery_stream_arn: str,
        take: Callable[[Sequence[DeliveryRecord]], None],
    ) -> None:
        self._stream_arn = stream_arn
        self._role_arn = role_arn
        self._delivery_stream_arn = delivery_stream_arn
        self._name = delivery_stream_arn.rpartition("/")[2]
        self._take = take
        self._watch = ShardWatch(stream_arn, lambda shard: shard.get_max_sequence_number(), self._read)
        self._watch.start()

    def stop(self) -> None:
        """Read no more."""
        self._watch.stop()

    def _read(self, stream: OrderedStream, shard: Shard, after: int) -> bool:
        while not self._watch.is_over(stream):
            self._watch.await_records(stream, shard, after, 1)
            records = stream.read(shard.shard_id, after, _BATCH)
            if records and not self._may_read():
                self._watch.pause(_FORBIDDEN_SECONDS)
            elif records:
                self._take([delivery_record(record, shard) for record in records])
                after = records[-1].sequence_number
            elif not shard.is_open:
                return True
        return False

    def _may_read(self) -> bool:
        region = self._stream_arn.split(":")[3]
        try:
            check_trust(self._role_arn, PRINCIPAL, source_arn=self._delivery_stream_arn)
            role_actor(self._role_arn, self._name, region).check(
                "kinesis", "GetRecords", StreamARN=self._stream_arn
            )
        except (AccessDeniedError, RoleNotAssumableError) as error:
            _log.warning("%s may not read its source: %s", self._name, error)
            return False
        return True


def delivery_record(record: Record, shard: Shard) -> DeliveryRecord:
    """A record of a stream as one of a delivery stream."""
    data = record.to_json()["Data"]
    return DeliveryRecord(
        data,
        record.created_at_datetime.astimezone(),
        raw=data,
        id=f"{shard.shard_id}{record.sequence_number}",
        sequence_number=str(record.sequence_number),
    )
