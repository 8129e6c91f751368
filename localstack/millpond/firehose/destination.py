"""An S3 destination: what it makes of a buffer full of records, and where it writes that.

https://docs.aws.amazon.com/firehose/latest/dev/create-destination.html#create-destination-s3
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from millpond.firehose.exceptions import InvalidArgument, NotDelivered
from millpond.firehose.prefixes import check_prefix, object_name, time_zone, written_prefix
from millpond.firehose.processors import Surroundings, processors_of
from millpond.firehose.records import DeliveryRecord, FailedRecord
from millpond.iam.enforcement import RoleNotAssumableError
from millpond.role_clients import RoleClients, ServiceRole

if TYPE_CHECKING:
    from millpond.firehose.conversion import Conversion, TableReference

PRINCIPAL = "firehose.amazonaws.com"

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class StreamIdentity:
    """Whose destination it is."""

    arn: str
    name: str
    region: str


class S3Destination:
    """Writes records to a bucket.

    Args:
        configuration: As CreateDeliveryStream takes it for `ExtendedS3` or, with less in it, for `S3`.
        stream: Whose destination it is.
        clients: With which it calls under its role.

    Raises:
        InvalidArgument: The configuration is not valid, or asks for what the local cloud does not do.
    """

    def __init__(
        self, configuration: Mapping[str, Any], stream: StreamIdentity, clients: RoleClients
    ) -> None:
        self._configuration = configuration
        self._stream = stream
        self._clients = clients
        self._bucket = configuration["BucketARN"].rpartition(":")[2]
        dynamic = bool((configuration.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))
        self._prefix = configuration.get("Prefix") or ""
        self._error_prefix = configuration.get("ErrorOutputPrefix") or ""
        check_prefix(self._prefix, for_errors=False, dynamic=dynamic)
        check_prefix(self._error_prefix, for_errors=True, dynamic=dynamic)
        self._zone = time_zone(configuration.get("CustomTimeZone"))
        self._compression = configuration.get("CompressionFormat") or "UNCOMPRESSED"
        if self._compression not in _COMPRESSIONS:
            raise InvalidArgument(f"The local cloud does not write CompressionFormat {self._compression}.")
        if configuration.get("S3BackupMode") == "Enabled":
            raise InvalidArgument("The local cloud does not support S3BackupMode Enabled.")
        around = Surroundings(stream.arn, stream.region, self._invoke)
        self._processors = processors_of(configuration.get("ProcessingConfiguration"), around)
        conversion = configuration.get("DataFormatConversionConfiguration") or {}
        wanted = bool(conversion) and conversion.get("Enabled", True)
        self._conversion = self._conversion_of(conversion) if wanted else None
        hints = configuration.get("BufferingHints") or {}
        self.buffer_bytes = (hints.get("SizeInMBs") or (128 if wanted else 5)) * _MEGABYTE
        interval = hints.get("IntervalInSeconds")
        self.buffer_seconds = float(300 if interval is None else interval)
        if not 0 <= self.buffer_seconds <= 900:
            raise InvalidArgument("BufferingHints.IntervalInSeconds must be between 0 and 900.")
        if (wanted or dynamic) and self.buffer_bytes < 64 * _MEGABYTE:
            why = "data format conversion" if wanted else "dynamic partitioning"
            raise InvalidArgument(f"BufferingHints.SizeInMBs must be at least 64 when {why} is enabled.")
        if conversion and wanted and self._compression != "UNCOMPRESSED":
            raise InvalidArgument("CompressionFormat must be UNCOMPRESSED with data format conversion.")

    def _conversion_of(self, configuration: Mapping[str, Any]) -> Conversion:
        # Arrow takes 60 MB, which a cloud without such a stream has no use for.
        from millpond.firehose.conversion import Conversion

        return Conversion(configuration, self._columns, self._stream.region)

    def deliver(self, records: Sequence[DeliveryRecord], version: str) -> None:
        """Write all these records, each to where it belongs.

        Raises:
            NotDelivered: Something cannot be read or written now. What has been written may come again.
        """
        failed: list[FailedRecord] = []
        left: Sequence[DeliveryRecord] = records
        for processor in self._processors:
            left, failures = processor.process(left)
            failed += failures
        oldest = min(record.arrived_at for record in records).astimezone(self._zone)
        if self._conversion is not None:
            failed += self._deliver_rows(left, oldest, version)
        else:
            for keys, group in _by_keys(left).items():
                content = b"".join(record.data for record in group)
                extension, pack = _COMPRESSIONS[self._compression]
                self._put(self._key(oldest, dict(keys), version, extension), pack(content))
        self._deliver_failures(failed, oldest, version)

    def _deliver_rows(
        self, records: Sequence[DeliveryRecord], oldest: datetime, version: str
    ) -> list[FailedRecord]:
        assert self._conversion is not None  # noqa: S101 - the caller asks first
        schema, rows, failed = self._conversion.rows(records)
        groups: dict[tuple[tuple[str, str], ...], list[Mapping[str, Any]]] = {}
        for record, row in rows:
            groups.setdefault(tuple(sorted(record.keys.items())), []).append(row)
        for keys, group in groups.items():
            key = self._key(oldest, dict(keys), version, self._conversion.extension)
            self._put(key, self._conversion.write(group, schema))
        return failed

    def _deliver_failures(self, failed: Sequence[FailedRecord], oldest: datetime, version: str) -> None:
        for kind in {failure.kind for failure in failed}:
            prefix = written_prefix(self._error_prefix, oldest, {}, kind)
            lines = [json.dumps(_description(failure)) for failure in failed if failure.kind == kind]
            key = prefix + object_name(self._stream.name, version, oldest, "")
            self._put(key, ("\n".join(lines) + "\n").encode())

    def _key(self, oldest: datetime, keys: Mapping[str, str], version: str, extension: str) -> str:
        given = self._configuration.get("FileExtension")
        prefix = written_prefix(self._prefix, oldest, keys)
        return prefix + object_name(self._stream.name, version, oldest, given or extension)

    def _put(self, key: str, content: bytes) -> None:
        try:
            self._client("s3").put_object(Bucket=self._bucket, Key=key, Body=content)
        except (ClientError, BotoCoreError, RoleNotAssumableError) as error:
            raise NotDelivered(f"s3://{self._bucket}/{key}: {error}") from error

    def _client(self, service: str, role_arn: str | None = None, region: str | None = None) -> Any:
        role = ServiceRole(
            role_arn or self._configuration["RoleARN"], PRINCIPAL, self._stream.name, self._stream.arn
        )
        return self._clients.client(service, region or self._stream.region, role)

    def _invoke(self, arn: str, payload: bytes) -> tuple[bytes, bool]:
        answer = self._client("lambda").invoke(FunctionName=arn, Payload=payload)
        return answer["Payload"].read(), "FunctionError" in answer

    def _columns(self, table: TableReference) -> list[tuple[str, str]]:
        client = self._client("glue", table.role_arn, table.region)
        found = client.get_table(DatabaseName=table.database, Name=table.table)["Table"]
        return [(column["Name"], column["Type"]) for column in found["StorageDescriptor"]["Columns"]]


def _by_keys(
    records: Sequence[DeliveryRecord],
) -> dict[tuple[tuple[str, str], ...], list[DeliveryRecord]]:
    groups: dict[tuple[tuple[str, str], ...], list[DeliveryRecord]] = {}
    for record in records:
        groups.setdefault(tuple(sorted(record.keys.items())), []).append(record)
    return groups


def _description(failure: FailedRecord) -> dict[str, Any]:
    """A failed record as a line of an error object.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html
    https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html
    """
    record = failure.record
    of_conversion = "tableName" in failure.source
    name = "dataCatalogTable" if of_conversion else "lambdaArn"
    source: Any = failure.source if of_conversion else failure.source.get("lambdaARN")
    return {
        "attemptsMade": failure.attempts,
        "arrivalTimestamp": int(record.arrived_at.timestamp() * 1000),
        "lastErrorCode" if of_conversion else "errorCode": failure.code,
        "lastErrorMessage" if of_conversion else "errorMessage": failure.message,
        "attemptEndingTimestamp": int(datetime.now(UTC).timestamp() * 1000),
        "rawData": base64.b64encode(record.raw or record.data).decode(),
        **({"sequenceNumber": record.sequence_number} if record.sequence_number else {}),
        **({name: source} if source else {}),
    }


def _zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data", content)
    return target.getvalue()


_Pack = Callable[[bytes], bytes]
_COMPRESSIONS: dict[str, tuple[str, _Pack]] = {
    "UNCOMPRESSED": ("", lambda content: content),
    "GZIP": (".gz", lambda content: gzip.compress(content, mtime=0)),
    "ZIP": (".zip", _zipped),
}
