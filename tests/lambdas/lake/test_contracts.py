"""Contracts: good ones survive every form they take, bad ones say where and what to do."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from lake.column_types import ColumnType
from lake.contract_files import read_folder
from lake.contracts import SourceContract, parse
from lake.dbt_sources import CONTRACTS, SOURCES_FILE, render
from lake.exceptions import ContractError

GOOD: dict[str, Any] = {
    "source": "orders",
    "system": "shop",
    "description": "An order.",
    "owner": {"team": "shop", "contact": "shop@example.com"},
    "classification": "internal",
    "format": {"type": "csv"},
    "keys": ["order_no"],
    "columns": [
        {
            "name": "order_no",
            "field": "OrderNo",
            "type": "string",
            "nullable": False,
            "description": "Its number.",
        },
        {"name": "amount", "type": "decimal(12, 4)", "minimum": "0.5", "description": "Its value."},
        {"name": "ordered_on", "type": "date", "formats": ["%d.%m.%Y"], "description": "Its day."},
    ],
    "freshness": {"warn_after": "36 hours", "error_after": "1 day"},
}


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def test_a_contract_is_read_with_its_defaults() -> None:
    contract = parse(GOOD, "orders.yaml")
    assert contract.format.compression == "auto"
    assert contract.format.delimiter == ","
    assert contract.columns[1].field == "amount"
    assert contract.columns[1].nullable
    assert contract.columns[1].type == ColumnType("decimal", 12, 4)
    assert str(contract.freshness.warn_after) == "36 hours"


@pytest.mark.parametrize("contract", read_folder(CONTRACTS), ids=lambda c: c.source)
def test_a_contract_survives_its_way_into_the_archive(contract: SourceContract) -> None:
    assert parse(json.loads(json.dumps(contract.document())), "x.json") == contract


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("source",), None, "orders.yaml: source: is missing"),
        (("source",), "Orders", "source: 'Orders' is not in snake_case"),
        (("source",), "quarantine", "source: 'quarantine' is a table of the lake's own"),
        (("owner", "team"), None, "owner.team: is missing"),
        (("owner", "phone"), "1", "owner.phone: is unknown. Use one of: contact, team"),
        (("colums",), [], "colums: is unknown"),
        (("classification",), "secret", "classification: is 'secret'. Use one of: public, internal"),
        (("format", "type"), "xml", "format.type: is 'xml'. Use one of: csv, jsonl"),
        (("format", "delimiter"), ",", "format.delimiter: is ','. Use one of: comma, semicolon"),
        (("columns",), [], "columns: is no list with an entry"),
        (("columns", 0, "description"), None, "columns[0].description: is missing"),
        (("columns", 0, "nullable"), "no", "columns[0].nullable: is 'no'. Write true or false"),
        (("columns", 1, "type"), "money", "columns[1].type: there is no type 'money'. Use string, integer"),
        (("columns", 1, "type"), "decimal(40, 2)", "columns[1].type: decimal(40, 2) has a precision over 38"),
        (("columns", 1, "minimum"), "low", "columns[1].minimum: 'low' is no number"),
        (("columns", 0, "minimum"), 1, "columns[0].minimum: means nothing to a string"),
        (("columns", 1, "pattern"), "a", "columns[1].pattern: means nothing to a decimal(12, 4)"),
        (("columns", 0, "pattern"), "(", "columns[0].pattern: is no regular expression"),
        (("columns", 0, "pattern"), "(?!C).*", "columns[0].pattern: looks around or back"),
        (("columns", 2, "formats"), None, "columns[2].formats: is missing"),
        (("columns", 0, "formats"), ["%Y"], "columns[0].formats: means nothing to a string"),
        (("columns", 1, "name"), "order_no", "columns: two columns have the name 'order_no'"),
        (("columns", 1, "field"), "OrderNo", "columns: two columns have the field 'OrderNo'"),
        (("columns", 1, "name"), "ingest_date", "columns: 'ingest_date' is a column that ingestion adds"),
        (("keys",), ["number"], "keys: there is no column 'number'. Use some of: order_no, amount"),
        (("keys",), ["amount"], "keys: 'amount' may be null. Say `nullable: false`"),
        (("freshness", "warn_after"), "soon", "freshness.warn_after: is no time span. Write it like"),
    ],
)
def test_a_mistake_is_reported_where_it_stands(
    path: tuple[str | int, ...], value: object, complaint: str
) -> None:
    with pytest.raises(ContractError) as raised:
        parse(changed(path, value), "orders.yaml")
    assert complaint in str(raised.value)
    assert str(raised.value).startswith("orders.yaml: ")


def test_a_file_must_be_named_like_its_source(tmp_path: Path) -> None:
    (tmp_path / "sales.yaml").write_text(yaml.safe_dump(GOOD))
    with pytest.raises(ContractError, match=r"Name the file orders\.yaml"):
        read_folder(tmp_path)


def test_a_folder_without_contracts_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="holds no contract"):
        read_folder(tmp_path)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text("source: [")
    with pytest.raises(ContractError, match=r"orders\.yaml: \(whole file\): is no YAML"):
        read_folder(tmp_path)


def test_the_committed_dbt_sources_are_in_step_with_the_contracts() -> None:
    assert SOURCES_FILE.read_text() == render(read_folder(CONTRACTS)), "run `python -m lake.dbt_sources`"


def test_a_new_contract_becomes_a_dbt_source() -> None:
    document = yaml.safe_load(render([parse(GOOD, "orders.yaml")]))
    (table,) = document["sources"][0]["tables"]
    assert table["name"] == "orders"
    assert table["config"]["freshness"]["warn_after"] == {"count": 36, "period": "hour"}
    assert {"name": "amount", "data_type": "decimal(12,4)", "description": "Its value."} in table["columns"]
