"""Firehose: delivery streams that gather records and write them to S3, transformed and converted on the way.

PutRecord, Kinesis ─→ buffer (size, time) ─→ processors ─→ conversion ─→ prefixes ─→ S3
└──────────────┴─ what fails ─→ error prefix
"""

from millpond.firehose.service import DeliveryService, FirehoseRuntime, install

__all__ = ["DeliveryService", "FirehoseRuntime", "install"]
