"""Timestamps of Hive tables: how text spells them, and their milliseconds.

https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from millpond.athena.engine import literal
from millpond.athena.hive.date_format import DateFormat


def milliseconds(value: str) -> str:
    """DuckDB's expression for a timestamp as Hive tables have it: finer ones are rounded, as Trino does."""
    return f"date_trunc('milliseconds', {value} + INTERVAL 500 MICROSECOND)"


@dataclass(frozen=True)
class TimestampFormats:
    """`timestamp.formats`: Java's patterns, and `millis` for milliseconds since 1970.

    https://docs.aws.amazon.com/athena/latest/ug/hive-json-serde.html
    """

    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> TimestampFormats:
        """From the SerDe's properties."""
        text = parameters.get("timestamp.formats", "")
        return cls(tuple(pattern.strip() for pattern in text.split(",") if pattern.strip()))

    def value(self, text: str) -> str:
        """DuckDB's expression for a timestamp; NULL where the text is in none of the formats.

        Raises:
            HiveMetastoreError: A pattern has letters that are not supported.
        """
        if not self.patterns:
            plain = r"\s*\d+-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,9})?\s*"
            value = milliseconds(f"TRY_CAST({text} AS TIMESTAMP)")
            return f"CASE WHEN regexp_full_match({text}, '{plain}') THEN {value} END"
        values = (
            f"make_timestamp_ms(TRY_CAST({text} AS BIGINT))"
            if pattern == "millis"
            else f"try_strptime({text}, {literal(DateFormat.of(pattern).reading_directives)})"
            for pattern in self.patterns
        )
        return milliseconds(f"coalesce({', '.join(values)}, NULL)")
