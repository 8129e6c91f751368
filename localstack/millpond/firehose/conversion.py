"""JSON records to Parquet or ORC, by the schema of a table in the catalog.

https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet
from botocore.exceptions import ClientError

from millpond.firehose.exceptions import InvalidArgument, NotDelivered
from millpond.firehose.hive_types import parse_type, row_of
from millpond.firehose.records import DeliveryRecord, FailedRecord

_FAILED = "format-conversion-failed"


@dataclass(frozen=True)
class TableReference:
    """The table whose columns records have.

    Attributes:
        role_arn: With whose rights it is read.
    """

    database: str
    table: str
    region: str
    role_arn: str

    @property
    def described(self) -> dict[str, str]:
        """As error records name it."""
        return {"databaseName": self.database, "tableName": self.table, "region": self.region}


class Conversion:
    """Writes rows of a table.

    Args:
        configuration: A destination's `DataFormatConversionConfiguration`.
        read_columns: Asks the catalog for a table's columns, name and type.

    Raises:
        InvalidArgument: The configuration is not complete, or asks for what the local cloud does not do.
    """

    def __init__(
        self,
        configuration: Mapping[str, Any],
        read_columns: Callable[[TableReference], list[tuple[str, str]]],
        default_region: str,
    ) -> None:
        schema = configuration.get("SchemaConfiguration") or {}
        missing = [name for name in ("DatabaseName", "TableName", "RoleARN") if not schema.get(name)]
        if missing:
            raise InvalidArgument(f"SchemaConfiguration must have {', '.join(missing)}.")
        self.table = TableReference(
            schema["DatabaseName"],
            schema["TableName"],
            schema.get("Region") or default_region,
            schema["RoleARN"],
        )
        deserializer = (configuration.get("InputFormatConfiguration") or {}).get("Deserializer") or {}
        if len(deserializer) != 1:
            raise InvalidArgument("InputFormatConfiguration must have one Deserializer.")
        ((_, options),) = deserializer.items()
        self._mappings: dict[str, str] = (options or {}).get("ColumnToJsonKeyMappings") or {}
        serializer = (configuration.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
        if len(serializer) != 1:
            raise InvalidArgument("OutputFormatConfiguration must have one Serializer.")
        ((kind, settings),) = serializer.items()
        self._parquet = kind == "ParquetSerDe"
        self._compression = ((settings or {}).get("Compression") or "SNAPPY").upper()
        self._read_columns = read_columns

    @property
    def extension(self) -> str:
        """What objects' names end with."""
        return ".parquet" if self._parquet else ".orc"

    def rows(
        self, records: Sequence[DeliveryRecord]
    ) -> tuple[pa.Schema, list[tuple[DeliveryRecord, dict[str, Any]]], list[FailedRecord]]:
        """The table's schema, a row for each record, and the records that have none.

        Raises:
            NotDelivered: The table cannot be read now.
        """
        try:
            columns = self._read_columns(self.table)
        except ClientError as error:
            raise NotDelivered(str(error)) from error
        schema = pa.schema([(name.lower(), parse_type(type_)) for name, type_ in columns])
        made: list[tuple[DeliveryRecord, dict[str, Any]]] = []
        failed: list[FailedRecord] = []
        for record in records:
            try:
                document = json.loads(record.data)
                if not isinstance(document, dict):
                    failed.append(self._failed(record, "MalformedData", "Data is no JSON object"))
                    continue
                made.append((record, row_of(document, schema, self._mappings)))
            except ValueError as error:
                code = "ParseError" if not isinstance(error, json.JSONDecodeError) else "MalformedData"
                failed.append(self._failed(record, code, f"Data does not match the schema. {error}"))
        return schema, made, failed

    def write(self, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> bytes:
        """The content of an object with these rows."""
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
        target = io.BytesIO()
        if self._parquet:
            compression = {"UNCOMPRESSED": "none"}.get(self._compression, self._compression.lower())
            pa.parquet.write_table(table, target, compression=compression)
        else:
            compression = {"NONE": "uncompressed"}.get(self._compression, self._compression.lower())
            pa.orc.write_table(table, target, compression=compression)
        return target.getvalue()

    def _failed(self, record: DeliveryRecord, code: str, message: str) -> FailedRecord:
        return FailedRecord(record, _FAILED, f"DataFormatConversion.{code}", message, self.table.described)
