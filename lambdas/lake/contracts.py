"""The contract of a source: what its owner promises to deliver, and what the lake makes of it.

One file a source. Ingestion, the Glue table of raw and the dbt source are all made from it. `parse` turns
a document (YAML where the project is deployed from, JSON in a function's archive) into a `SourceContract`,
`SourceContract.document` turns it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast

from lake.column_types import NUMBERS, WHAT_TYPES_THERE_ARE, ColumnType
from lake.documents import Section
from lake.exceptions import ContractError
from lake.raw_zone import (
    AUDIT_COLUMNS,
    PARTITION_COLUMN,
    RESERVED_TABLES,
    STREAM_AUDIT_COLUMNS,
    TableColumn,
)

FileType = Literal["csv", "jsonl"]
Compression = Literal["auto", "none", "gzip"]
Period = Literal["minute", "hour", "day"]
Delivery = Literal["files", "stream"]

CLASSIFICATIONS = ("public", "internal", "confidential", "personal")
ISO_8601 = "iso8601"

_DELIVERIES = ("files", "stream")
_FILE_TYPES = ("csv", "jsonl")
_COMPRESSIONS = ("auto", "none", "gzip")
_ENCODINGS = ("utf-8", "latin-1", "cp1252")
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_NOT_IN_RE2 = re.compile(r"\(\?(=|!|<=|<!|\(|>|P=)|\\[1-9]")
_DURATION = re.compile(r"(\d+) (minute|hour|day)s?")


@dataclass(frozen=True)
class FileFormat:
    """How the source's files are written.

    Attributes:
        type: `csv` with a header line, or `jsonl`, one JSON object a line.
        compression: `auto` takes plain and gzip files alike, whatever they are called.
        delimiter: What stands between the values of a CSV line.
        encoding: The encoding of the text.
    """

    type: FileType
    compression: Compression = "auto"
    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True)
class ColumnRules:
    """What a value must be, beyond its type; a row that breaks a rule is quarantined.

    Attributes:
        minimum: The smallest number, as written.
        maximum: The largest number, as written.
        accepted_values: The only values that may occur; any value if empty.
        pattern: A regular expression (RE2) that matches the whole text.
    """

    minimum: str | None = None
    maximum: str | None = None
    accepted_values: tuple[str, ...] = ()
    pattern: str | None = None


@dataclass(frozen=True)
class Column:
    """A column of the source.

    Attributes:
        field: Its name in the file.
        name: Its name in the lake, in snake_case.
        type: Its type in the lake.
        nullable: Whether a row without a value is valid.
        description: What it means, in the words of the business.
        formats: How dates and timestamps are written, in strptime's codes or `iso8601`, tried in order.
        rules: What a value must be, beyond its type.
        classification: How sensitive it is, if more than the source as a whole.
    """

    field: str
    name: str
    type: ColumnType
    nullable: bool
    description: str
    formats: tuple[str, ...] = ()
    rules: ColumnRules = ColumnRules()
    classification: str | None = None


@dataclass(frozen=True)
class Duration:
    """A time span as dbt counts it."""

    count: int
    period: Period

    def __str__(self) -> str:
        return f"{self.count} {self.period}{'' if self.count == 1 else 's'}"

    @property
    def minutes(self) -> int:
        """How long that is."""
        return self.count * {"minute": 1, "hour": 60, "day": 1440}[self.period]


@dataclass(frozen=True)
class Freshness:
    """How old the newest rows may be."""

    warn_after: Duration
    error_after: Duration


@dataclass(frozen=True)
class Owner:
    """Whom to ask about the source."""

    team: str
    contact: str


@dataclass(frozen=True)
class SourceContract:
    """A source: its files, columns, keys and promises.

    Attributes:
        source: Its name: the folder in landing, the prefix and the table in raw.
        system: The system it comes from; dbt gathers the sources of a system under this name.
        description: What a row is.
        owner: Whom to ask.
        classification: How sensitive it is.
        delivery: Whether it arrives as files in landing or as events through the API.
        format: How its files, or the bodies of its requests, are written.
        columns: In the order of the table.
        keys: The columns that name the thing a row is about (rows are versions of it); empty if none do.
        freshness: How old the newest rows may be.
    """

    source: str
    system: str
    description: str
    owner: Owner
    classification: str
    delivery: Delivery
    format: FileFormat
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    freshness: Freshness

    @property
    def audit_columns(self) -> tuple[TableColumn, ...]:
        """The columns that its table in raw has beside its own."""
        return AUDIT_COLUMNS if self.delivery == "files" else STREAM_AUDIT_COLUMNS

    def document(self) -> dict[str, Any]:
        """The contract as plain values that `parse` reads again, for JSON."""
        return {
            "source": self.source,
            "system": self.system,
            "description": self.description,
            "owner": {"team": self.owner.team, "contact": self.owner.contact},
            "classification": self.classification,
            "delivery": self.delivery,
            "format": {
                "type": self.format.type,
                "compression": self.format.compression,
                "delimiter": next(n for n, d in _DELIMITERS.items() if d == self.format.delimiter),
                "encoding": self.format.encoding,
            },
            "columns": [_column_document(column) for column in self.columns],
            "keys": list(self.keys),
            "freshness": {
                "warn_after": str(self.freshness.warn_after),
                "error_after": str(self.freshness.error_after),
            },
        }


def parse(document: object, file: str) -> SourceContract:
    """Read and check a contract.

    Args:
        document: What the file holds.
        file: Its name, for the errors.

    Raises:
        ContractError: Something is missing, misspelt or contradicts itself.
    """
    root = Section(file, "", document)
    source = _snake_case(root, "source")
    if source in RESERVED_TABLES:
        raise root.error(
            "source", f"{source!r} is a table of the lake's own", "Give the source another name."
        )
    owner = root.section("owner")
    contract = SourceContract(
        source=source,
        system=_snake_case(root, "system"),
        description=root.text("description"),
        owner=Owner(owner.text("team"), owner.text("contact")),
        classification=root.choice("classification", CLASSIFICATIONS),
        delivery=cast("Delivery", root.choice("delivery", _DELIVERIES, "files")),
        format=_parse_format(root.section("format")),
        columns=tuple(_parse_column(section) for section in root.sections("columns")),
        keys=root.texts("keys"),
        freshness=_parse_freshness(root.section("freshness")),
    )
    owner.finish()
    root.finish()
    _check_names(root, contract)
    return contract


def _parse_format(section: Section) -> FileFormat:
    parsed = FileFormat(
        type=cast("FileType", section.choice("type", _FILE_TYPES)),
        compression=cast("Compression", section.choice("compression", _COMPRESSIONS, "auto")),
        delimiter=_DELIMITERS[section.choice("delimiter", tuple(_DELIMITERS), "comma")],
        encoding=section.choice("encoding", _ENCODINGS, "utf-8"),
    )
    section.finish()
    return parsed


def _parse_column(section: Section) -> Column:
    name = _snake_case(section, "name")
    written_type = section.text("type")
    try:
        column_type = ColumnType.parse(written_type)
    except ValueError as error:
        raise section.error("type", str(error), WHAT_TYPES_THERE_ARE) from error
    column = Column(
        field=section.text("field", name),
        name=name,
        type=column_type,
        nullable=section.flag("nullable", default=True),
        description=section.text("description"),
        formats=section.texts("formats"),
        rules=_parse_rules(section, column_type),
        classification=section.choice("classification", CLASSIFICATIONS)
        if section.optional_text("classification")
        else None,
    )
    section.finish()
    has_formats = column_type.kind in ("date", "timestamp")
    if has_formats and not column.formats:
        raise section.error(
            "formats", "is missing", f"Say how it is written: ['%Y-%m-%d'] or ['{ISO_8601}']."
        )
    if not has_formats and column.formats:
        raise section.error("formats", f"means nothing to a {column_type}", "Remove it.")
    return column


def _parse_rules(section: Section, column_type: ColumnType) -> ColumnRules:
    rules = ColumnRules(
        minimum=section.number_text("minimum"),
        maximum=section.number_text("maximum"),
        accepted_values=section.texts("accepted_values"),
        pattern=section.optional_text("pattern"),
    )
    for field, bound in (("minimum", rules.minimum), ("maximum", rules.maximum)):
        if bound is None:
            continue
        if column_type.kind not in NUMBERS:
            raise section.error(field, f"means nothing to a {column_type}", "Only numbers have bounds.")
        try:
            Decimal(bound)
        except InvalidOperation as error:
            raise section.error(field, f"{bound!r} is no number", "Write a number.") from error
    for field, given in (("pattern", rules.pattern), ("accepted_values", rules.accepted_values)):
        if given and column_type.kind != "string":
            raise section.error(field, f"means nothing to a {column_type}", "Only strings can have it.")
    if rules.pattern is not None:
        try:
            re.compile(rules.pattern)
        except re.error as error:
            raise section.error("pattern", f"is no regular expression: {error}", "Mend it.") from error
        if _NOT_IN_RE2.search(rules.pattern):
            raise section.error("pattern", "looks around or back", "RE2 cannot: write it without.")
    return rules


def _parse_freshness(section: Section) -> Freshness:
    def duration(field: str) -> Duration:
        match = _DURATION.fullmatch(section.text(field))
        if not match:
            raise section.error(field, "is no time span", "Write it like `36 hours`, `1 day`, `15 minutes`.")
        return Duration(int(match[1]), cast("Period", match[2]))

    parsed = Freshness(duration("warn_after"), duration("error_after"))
    section.finish()
    return parsed


def _snake_case(section: Section, field: str) -> str:
    name = section.text(field)
    if not _SNAKE_CASE.fullmatch(name):
        raise section.error(field, f"{name!r} is not in snake_case", "Write it like `invoice_no`.")
    return name


def _check_names(root: Section, contract: SourceContract) -> None:
    for what, names in (
        ("name", [column.name for column in contract.columns]),
        ("field", [column.field for column in contract.columns]),
    ):
        for name in _repeated(names):
            raise root.error("columns", f"two columns have the {what} {name!r}", "Rename or remove one.")
    if contract.delivery == "stream" and contract.format.type != "jsonl":
        raise root.error("format", f"is {contract.format.type} for a stream", "Events are JSON: say jsonl.")
    reserved = {PARTITION_COLUMN, *(column.name for column in contract.audit_columns)}
    by_name = {column.name: column for column in contract.columns}
    for name in by_name:
        if name in reserved:
            raise root.error("columns", f"{name!r} is a column that ingestion adds", "Choose another name.")
    for key in contract.keys:
        if key not in by_name:
            raise root.error("keys", f"there is no column {key!r}", f"Use some of: {', '.join(by_name)}.")
        if by_name[key].nullable:
            raise root.error("keys", f"{key!r} may be null", "Say `nullable: false` in that column.")


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]  # set.add


def _column_document(column: Column) -> dict[str, Any]:
    rules = column.rules
    document = {
        "field": column.field,
        "name": column.name,
        "type": str(column.type),
        "nullable": column.nullable,
        "description": column.description,
        "formats": list(column.formats) or None,
        "minimum": rules.minimum,
        "maximum": rules.maximum,
        "accepted_values": list(rules.accepted_values) or None,
        "pattern": rules.pattern,
        "classification": column.classification,
    }
    return {field: value for field, value in document.items() if value is not None}


__all__ = [
    "CLASSIFICATIONS",
    "ISO_8601",
    "Column",
    "ColumnRules",
    "ContractError",
    "Delivery",
    "Duration",
    "FileFormat",
    "Freshness",
    "Owner",
    "SourceContract",
    "parse",
]
