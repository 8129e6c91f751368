"""Kinesis data streams: moto's API over shards that keep their order, however many records they have."""

from millpond.kinesis.service import StreamService, find_stream, install
from millpond.kinesis.shards import OrderedShard
from millpond.kinesis.streams import OrderedStream

__all__ = ["OrderedShard", "OrderedStream", "StreamService", "find_stream", "install"]
