"""Trino's documentation as a test: each example with the answer that stands beside it.

A file of `trino_examples` is a page of https://trino.io/docs/401/functions.html:

* `documented`: the page's examples, `[expression or query, answer, type]`; the type may be left out. Where
  the page reads a table that it does not show, rows stand in its place;
* `further`: what the page says in words, as examples of our own;
* `errors`: examples that the page says fail, with the beginning of the error;
* `further_errors`: what Trino refuses besides, as examples of our own;
* `refused`: what is not here, with the beginning of its error and the reason; `documented: true` if the page
  shows it as an example.

The documentation writes seconds with three digits where Trino keeps as many as the literal has, so zeros at
their end do not count.
"""

import datetime
import decimal
import re
import uuid
from pathlib import Path

import pytest
import yaml

from athena.sql import trino_pages
from millpond.athena.sql.exceptions import NotSupported, SqlError
from millpond.athena.sql.functions.unsupported import REASONS
from millpond.athena.sql.types import SqlType

PAGES = {
    path.stem: yaml.safe_load(path.read_text()) for path in Path(__file__).parent.glob("trino_examples/*")
}
EXAMPLES = [
    pytest.param(*example, *([None] * (3 - len(example))), id=f"{name}: {example[0]}")
    for name, page in sorted(PAGES.items())
    for example in [*page.get("documented", ()), *page.get("further", ())]
]
ERRORS = [
    pytest.param(*item, id=f"{name}: {item[0]}")
    for name, page in sorted(PAGES.items())
    for item in [*page.get("errors", ()), *page.get("further_errors", ())]
]
REFUSED = [
    pytest.param(item["example"], item["error"], id=f"{name}: {item['example']}")
    for name, page in sorted(PAGES.items())
    for item in page.get("refused", ())
]
SHOWN_AS_TEXT = ("date", "time", "timestamp", "interval", "ipaddress", "uuid")


@pytest.mark.parametrize(("example", "answer", "type_name"), EXAMPLES)
def test_example_has_the_documented_answer(run_sql, example, answer, type_name):
    if example.startswith(("SELECT", "WITH", "VALUES", "TABLE")):
        assert _rows(run_sql(example)) == answer
        return
    result = run_sql(f"SELECT {example}")
    if type_name is not None:
        assert result.columns[0].type.trino == type_name
    if result.columns[0].type.name.startswith(SHOWN_AS_TEXT) and answer is not None:
        [[text]] = _rows(run_sql(f"SELECT CAST({example} AS varchar)"))
        assert _without_zeros(text) == _without_zeros(answer)
        return
    assert _rows(result) == [[answer]]


@pytest.mark.parametrize(("example", "error"), ERRORS + REFUSED)
def test_example_fails_as_it_should(run_sql, example, error):
    with pytest.raises(SqlError) as failure:
        run_sql(example if example.startswith(("SELECT", "WITH")) else f"SELECT {example}")
    assert str(failure.value).startswith(error)


@pytest.mark.parametrize("name", sorted(REASONS))
def test_function_that_is_not_here_is_refused_by_its_name(run_sql, name):
    with pytest.raises(NotSupported, match=f"Function {name} is not supported here"):
        run_sql(f"SELECT {name}(1)")


def test_document_says_what_is_supported():
    assert trino_pages.DOCUMENT.read_text() == trino_pages.render(), "run trino_pages.py --write"


def _rows(result):
    types = [column.type for column in result.columns]
    return [[_plain(value, type_) for value, type_ in zip(row, types, strict=True)] for row in result.rows]


def _without_zeros(text):
    """`03:04:05` for `03:04:05.000`."""
    return re.sub(r"(\d\d:\d\d:\d\d(?:\.\d*?[1-9])?)\.?0*(?= |$)", r"\1", text)


def _plain(value, type_: SqlType):
    """A result as YAML writes it: texts for decimals and dates, lists for rows."""
    if isinstance(value, decimal.Decimal | datetime.date | datetime.datetime | datetime.time | uuid.UUID):
        return str(value)
    if type_.name == "array" and value is not None:
        return [_plain(item, type_.elements[0]) for item in value]
    if type_.name == "row" and value is not None:
        fields = list(value.values()) if isinstance(value, dict) else list(value)
        return [_plain(item, field.type) for item, field in zip(fields, type_.fields, strict=True)]
    if type_.name == "map" and value is not None:
        return {_plain(k, type_.elements[0]): _plain(v, type_.elements[1]) for k, v in value.items()}
    return value
