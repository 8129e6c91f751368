"""Records wait until there are enough of them, or one has waited long enough."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import timedelta

from moto.core.exceptions import JsonRESTError
from moto.logs.models import logs_backends

from millpond.firehose.destination import S3Destination
from millpond.firehose.exceptions import NotDelivered
from millpond.firehose.records import DeliveryRecord
from millpond.schedules import At, Clock

_log = logging.getLogger(__name__)

# With an interval of 0 AWS, too, waits for what comes at the same time.
_LEAST_SECONDS = 0.2
_RETRY_SECONDS = 5.0


class DeliveryBuffer:
    """The records of one delivery stream that are not yet delivered.

    Args:
        name: Of the stream; the clock keeps the buffer's time by it.
        destination: Where they go.
        clock: Says when they have waited long enough.
        threads: Deliver them.
        log_group: Account, region, group and stream of the destination's log, if it has one.
    """

    def __init__(
        self,
        name: str,
        destination: S3Destination,
        clock: Clock,
        threads: Executor,
        log_group: tuple[str, str, str, str] | None = None,
    ) -> None:
        self._name = name
        self._clock = clock
        self._threads = threads
        self._log_group = log_group
        self._lock = threading.Lock()
        self._delivering = threading.Lock()
        self._records: list[DeliveryRecord] = []
        self._size = 0
        self.destination = destination
        self.version = "1"

    def add(self, records: Sequence[DeliveryRecord]) -> None:
        """Take records; they will be delivered."""
        with self._lock:
            begins = not self._records
            self._records += records
            self._size += sum(len(record.data) for record in records)
            is_full = self._size >= self.destination.buffer_bytes
        if is_full:
            self._flush_soon()
        elif begins:
            self._flush_in(max(self.destination.buffer_seconds, _LEAST_SECONDS))

    def flush(self) -> bool:
        """Deliver what there is; whether that worked."""
        with self._delivering:
            with self._lock:
                records, self._records, self._size = self._records, [], 0
            if not records:
                return True
            try:
                self.destination.deliver(records, self.version)
            except NotDelivered as error:
                self._put_back(records, error)
                return False
            except Exception as error:
                _log.exception("%s could not deliver %d records", self._name, len(records))
                self._put_back(records, error)
                return False
            return True

    def close(self) -> None:
        """Deliver what there is, and let the clock forget the stream."""
        self._clock.cancel(("firehose", self._name))
        self.flush()

    def _put_back(self, records: list[DeliveryRecord], error: Exception) -> None:
        with self._lock:
            self._records = records + self._records
            self._size = sum(len(record.data) for record in self._records)
        self._report(error)
        self._flush_in(_RETRY_SECONDS)

    def _report(self, error: Exception) -> None:
        _log.warning("%s could not deliver: %s", self._name, error)
        if self._log_group is None:
            return
        account_id, region, group, stream = self._log_group
        line = {"timestamp": int(time.time() * 1000), "message": f"S3.DeliveryFailed: {error}"}
        logs = logs_backends[account_id][region]
        try:
            if stream not in logs.groups[group].streams:
                logs.create_log_stream(group, stream)
            logs.put_log_events(group, stream, [line])
        except (JsonRESTError, KeyError):
            _log.exception("%s could not write its log", self._name)

    def _flush_in(self, seconds: float) -> None:
        moment = self._clock.now() + timedelta(seconds=seconds)
        self._clock.set(("firehose", self._name), At(moment), lambda _: self._flush_soon())

    def _flush_soon(self) -> None:
        try:
            self._threads.submit(self.flush)
        except RuntimeError:  # the cloud is ending, and flushes every buffer itself
            _log.debug("%s is flushed at the end", self._name)
