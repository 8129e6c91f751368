"""Firehose of one account and region: moto keeps the delivery streams, here they deliver."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from moto.firehose import urls
from moto.firehose.exceptions import ResourceNotFoundException
from moto.firehose.models import DeliveryStream, FirehoseBackend, firehose_backends

from millpond.firehose.buffer import DeliveryBuffer
from millpond.firehose.destination import PRINCIPAL, S3Destination, StreamIdentity
from millpond.firehose.exceptions import InvalidArgument
from millpond.firehose.records import DeliveryRecord
from millpond.firehose.source import KinesisSource
from millpond.iam.enforcement import RoleNotAssumableError, check_trust
from millpond.kinesis import find_stream
from millpond.role_clients import RoleClients
from millpond.schedules import Clock

_MOST_RECORDS = 500
_MOST_RECORD_BYTES = 1000 * 1024
_MOST_BYTES = 4 * 1024 * 1024
_THREADS = 4


class FirehoseRuntime:
    """What delivery streams share in one cloud."""

    def __init__(self, clients: RoleClients, clock: Clock) -> None:
        self.clients = clients
        self.clock = clock
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="firehose")
        self.buffers: dict[str, DeliveryBuffer] = {}
        self.sources: dict[str, KinesisSource] = {}

    def shutdown(self) -> None:
        """Deliver what has been taken, while the endpoint still answers, and then nothing more."""
        for source in self.sources.values():
            source.stop()
        for buffer in self.buffers.values():
            buffer.close()
        self.threads.shutdown(wait=False, cancel_futures=True)


class DeliveryService(FirehoseBackend):
    """Firehose, with streams that deliver; `runtime` is set when the service is installed."""

    runtime: ClassVar[FirehoseRuntime]

    @property
    def _url_module(self) -> Any:
        return urls

    def create_delivery_stream(
        self,
        region: str,
        delivery_stream_name: str,
        delivery_stream_type: str,
        kinesis_stream_source_configuration: dict[str, Any],
        delivery_stream_encryption_configuration_input: dict[str, Any],
        s3_destination_configuration: dict[str, Any],
        extended_s3_destination_configuration: dict[str, Any],
        *others: Any,
    ) -> str:
        """CreateDeliveryStream, to S3.

        Raises:
            InvalidArgument: The configuration is not valid, or asks for what the local cloud does not do.
        """
        configuration = extended_s3_destination_configuration or s3_destination_configuration
        if not configuration:
            raise InvalidArgument("The local cloud delivers to S3 only (S3 and ExtendedS3 destinations).")
        source = kinesis_stream_source_configuration
        if (delivery_stream_type == "KinesisStreamAsSource") != bool(source):
            raise InvalidArgument("KinesisStreamAsSource and KinesisStreamSourceConfiguration go together.")
        if delivery_stream_type not in (None, "DirectPut", "KinesisStreamAsSource"):
            raise InvalidArgument(f"The local cloud has no delivery streams of type {delivery_stream_type}.")
        arn = f"arn:aws:firehose:{region}:{self.account_id}:deliverystream/{delivery_stream_name}"
        identity = StreamIdentity(arn, delivery_stream_name, region)
        destination = S3Destination(configuration, identity, self.runtime.clients)
        _check_role(configuration["RoleARN"], arn)
        if source:
            _check_role(source["RoleARN"], arn)
            if find_stream(source["KinesisStreamARN"]) is None:
                raise InvalidArgument(f"There is no stream {source['KinesisStreamARN']}.")
        made: str = super().create_delivery_stream(
            region,
            delivery_stream_name,
            delivery_stream_type,
            source,
            delivery_stream_encryption_configuration_input,
            s3_destination_configuration,
            extended_s3_destination_configuration,
            *others,
        )
        self._begin(arn, destination, configuration, source)
        return made

    def delete_delivery_stream(self, delivery_stream_name: str) -> None:
        """DeleteDeliveryStream: what it has taken is delivered."""
        arn = self._stream(delivery_stream_name).delivery_stream_arn
        if (source := self.runtime.sources.pop(arn, None)) is not None:
            source.stop()
        if (buffer := self.runtime.buffers.pop(arn, None)) is not None:
            buffer.close()
        super().delete_delivery_stream(delivery_stream_name)

    def put_record(self, delivery_stream_name: str, record: dict[str, Any]) -> dict[str, Any]:
        """PutRecord."""
        answer = self.put_record_batch(delivery_stream_name, [record])
        return {"RecordId": answer["RequestResponses"][0]["RecordId"], "Encrypted": False}

    def put_record_batch(
        self, delivery_stream_name: str, records: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """PutRecordBatch.

        Raises:
            InvalidArgument: There are too many records, they are too long, or the stream has another source.
        """
        stream = self._stream(delivery_stream_name)
        if stream.delivery_stream_type == "KinesisStreamAsSource":
            raise InvalidArgument(
                f"This operation is not permitted on KinesisStreamAsSource delivery stream type."
                f" {delivery_stream_name} reads its stream."
            )
        contents = [_data(record) for record in records]
        if len(contents) > _MOST_RECORDS or sum(map(len, contents)) > _MOST_BYTES:
            raise InvalidArgument("A batch has at most 500 records and 4 MiB.")
        if any(len(content) > _MOST_RECORD_BYTES for content in contents):
            raise InvalidArgument("A record has at most 1000 KiB.")
        taken = [DeliveryRecord(content, raw=content) for content in contents]
        self.runtime.buffers[stream.delivery_stream_arn].add(taken)
        answers = [{"RecordId": record.id} for record in taken]
        return {"FailedPutCount": 0, "Encrypted": False, "RequestResponses": answers}

    def update_destination(
        self, delivery_stream_name: str, current_delivery_stream_version_id: str, *others: Any, **named: Any
    ) -> None:
        """UpdateDestination: what has been taken before goes where it says now."""
        super().update_destination(delivery_stream_name, current_delivery_stream_version_id, *others, **named)
        stream = self._stream(delivery_stream_name)
        described = stream.destinations[0]
        configuration = described.get("ExtendedS3") or described["S3"]
        identity = StreamIdentity(stream.delivery_stream_arn, delivery_stream_name, self.region_name)
        buffer = self.runtime.buffers[stream.delivery_stream_arn]
        buffer.destination = S3Destination(configuration, identity, self.runtime.clients)
        buffer.version = stream.version_id

    def _begin(
        self,
        arn: str,
        destination: S3Destination,
        configuration: Mapping[str, Any],
        source: Mapping[str, Any] | None,
    ) -> None:
        runtime = self.runtime
        buffer = DeliveryBuffer(arn, destination, runtime.clock, runtime.threads, self._log(configuration))
        runtime.buffers[arn] = buffer
        if source:
            runtime.sources[arn] = KinesisSource(
                source["KinesisStreamARN"], source["RoleARN"], arn, buffer.add
            )

    def _log(self, configuration: Mapping[str, Any]) -> tuple[str, str, str, str] | None:
        options = configuration.get("CloudWatchLoggingOptions") or {}
        if not options.get("Enabled"):
            return None
        return self.account_id, self.region_name, options["LogGroupName"], options["LogStreamName"]

    def _stream(self, name: str) -> DeliveryStream:
        stream = self.delivery_streams.get(name)
        if stream is None:
            raise ResourceNotFoundException(f"Firehose {name} under account {self.account_id} not found.")
        return stream


def _data(record: Mapping[str, Any]) -> bytes:
    data = record["Data"]
    return data if isinstance(data, bytes) else b64decode(data)


def _check_role(role_arn: str, stream_arn: str) -> None:
    try:
        check_trust(role_arn, PRINCIPAL, source_arn=stream_arn)
    except RoleNotAssumableError:
        raise InvalidArgument(
            f"Firehose is unable to assume role {role_arn}. Please check the role provided."
        ) from None


def install(runtime: FirehoseRuntime) -> None:
    """Put this service in the place of moto's; before the first request."""
    DeliveryService.runtime = runtime
    firehose_backends.backend = DeliveryService
