"""From records to a typed table and the rows that break the contract, each with all its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ingest.conversion import convert
from ingest.reading import Records, RejectedRow
from lake.contracts import Column, SourceContract

# No contract can name a column so.
_LINE_NUMBER = "_line_number"


@dataclass(frozen=True)
class CheckedRows:
    """What a file came to.

    Attributes:
        rows: The valid rows in the order of the file.
        line_numbers: The lines they begin on.
        rejected: All other rows, in the order of the file.
        ignored_fields: Fields of the file that the contract does not name.
    """

    rows: pa.Table
    line_numbers: pa.ChunkedArray
    rejected: list[RejectedRow]
    ignored_fields: tuple[str, ...]


def check(batches: Iterable[Records], contract: SourceContract) -> CheckedRows:
    """Type every column and hold every row against the contract; there is at least one batch."""
    tables: list[pa.Table] = []
    rejected: list[RejectedRow] = []
    ignored_fields: tuple[str, ...] = ()
    for batch in batches:
        table, bad = _check_batch(batch, contract)
        tables.append(table)
        rejected += bad
        ignored_fields = batch.ignored_fields
    rows = pa.concat_tables(tables)
    return CheckedRows(rows.drop_columns([_LINE_NUMBER]), rows.column(_LINE_NUMBER), rejected, ignored_fields)


def _check_batch(records: Records, contract: SourceContract) -> tuple[pa.Table, list[RejectedRow]]:
    columns: dict[str, pa.Array] = {}
    problems: dict[int, list[str]] = {}
    for column in contract.columns:
        texts = records.columns[column.name]
        converted = convert(column, texts)
        columns[column.name] = converted.values
        for row, reason in converted.problems.items():
            problems.setdefault(row, []).append(reason)
        for reason, broken in _broken_rules(column, pa.array(texts, pa.string()), converted.values):
            for row in pc.indices_nonzero(broken.fill_null(False)).to_pylist():
                problems.setdefault(row, []).append(reason)
    table = pa.table({**columns, _LINE_NUMBER: pa.array(records.line_numbers, pa.int64())})
    if problems:
        table = table.filter(pa.array([row not in problems for row in range(table.num_rows)], pa.bool_()))
    rejected = records.rejected + [
        RejectedRow(records.line_numbers[row], records.texts[row], "; ".join(reasons))
        for row, reasons in problems.items()
    ]
    return table, sorted(rejected, key=lambda row: row.line_number)


def _broken_rules(column: Column, written: pa.Array, values: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """For each rule of the column, what to say of a row that breaks it, and which rows do."""
    field, rules = column.field, column.rules
    if not column.nullable:
        yield f"{field}: is missing", pc.is_null(written)
    if rules.minimum is not None:
        yield f"{field}: is below {rules.minimum}", pc.less(values, _bound(column, rules.minimum))
    if rules.maximum is not None:
        yield f"{field}: is above {rules.maximum}", pc.greater(values, _bound(column, rules.maximum))
    if rules.accepted_values:
        accepted = pa.array([*rules.accepted_values, None], pa.string())
        reason = f"{field}: is none of {', '.join(rules.accepted_values)}"
        yield reason, pc.invert(pc.is_in(values, value_set=accepted))
    if rules.pattern is not None:
        matches = pc.match_substring_regex(values, rf"\A(?:{rules.pattern})\z")
        yield f"{field}: does not match {rules.pattern}", pc.invert(matches)


def _bound(column: Column, written: str) -> pa.Scalar:
    return pa.scalar(float(written) if column.type.kind == "double" else Decimal(written))
