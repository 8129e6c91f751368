"""Writes the dbt sources from the contracts: `python -m lake.dbt_sources`.

The file is committed, so that dbt needs nothing of this project's Python; a test keeps it in step.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from lake.contract_files import read_folder
from lake.contracts import Column, Duration, SourceContract
from lake.raw_zone import (
    INGESTION_LOG,
    INGESTION_LOG_COLUMNS,
    PARTITION_COLUMN,
    QUARANTINE,
    QUARANTINE_COLUMNS,
    TableColumn,
)

_PROJECT = Path(__file__).parents[2]
CONTRACTS = _PROJECT / "infra" / "sources"
SOURCES_FILE = _PROJECT / "dbt_athena" / "models" / "staging" / "_sources.yml"

_HEADER = """\
# Made from infra/sources/*.yaml by `python -m lake.dbt_sources`: change the contracts, not this file.
"""
_PARTITION = TableColumn(PARTITION_COLUMN, "date", "The day it was taken in; the table's partitions.")


def main() -> None:
    """Write the file, and say so."""
    SOURCES_FILE.write_text(render(read_folder(CONTRACTS)), encoding="utf-8")
    print(f"wrote {SOURCES_FILE}", file=sys.stderr)


def render(contracts: Iterable[SourceContract]) -> str:
    """The content of the dbt sources file for some contracts."""
    import yaml

    by_system = groupby(sorted(contracts, key=lambda c: (c.system, c.source)), key=lambda c: c.system)
    sources = [
        _source(system, "As delivered, typed, in the raw zone.", [_table(contract) for contract in tables])
        for system, tables in by_system
    ]
    own_tables = [
        _own_table(QUARANTINE, "Rows that break their contract.", (*QUARANTINE_COLUMNS, _PARTITION)),
        _own_table(INGESTION_LOG, "What became of each delivered file.", INGESTION_LOG_COLUMNS),
    ]
    sources.append(_source("lake", "What ingestion says about itself.", own_tables))
    document = {"version": 2, "sources": sources}
    return _HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _source(name: str, description: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "database": "awsdatacatalog",
        "schema": "{{ env_var('LAKE_RAW_DATABASE') }}",
        "tables": tables,
    }


def _table(contract: SourceContract) -> dict[str, Any]:
    freshness = contract.freshness
    return {
        "name": contract.source,
        "description": contract.description,
        "config": {
            "loaded_at_field": "_ingested_at",
            "freshness": {
                "warn_after": _duration(freshness.warn_after),
                "error_after": _duration(freshness.error_after),
            },
            "meta": {
                "owner": contract.owner.team,
                "contact": contract.owner.contact,
                "classification": contract.classification,
                "keys": list(contract.keys),
            },
        },
        "columns": [_column(column) for column in contract.columns]
        + [_own_column(column) for column in (*contract.audit_columns, _PARTITION)],
    }


def _duration(duration: Duration) -> dict[str, Any]:
    return {"count": duration.count, "period": duration.period}


def _column(column: Column) -> dict[str, Any]:
    rendered: dict[str, Any] = {
        "name": column.name,
        "data_type": column.type.glue,
        "description": column.description,
    }
    if column.classification:
        rendered["config"] = {"meta": {"classification": column.classification}}
    return rendered


def _own_table(name: str, description: str, columns: Sequence[TableColumn]) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "columns": [_own_column(column) for column in columns],
    }


def _own_column(column: TableColumn) -> dict[str, Any]:
    return {"name": column.name, "data_type": column.type, "description": column.description}


if __name__ == "__main__":
    main()
