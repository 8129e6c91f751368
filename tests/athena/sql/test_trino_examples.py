"""Trino's documentation as a test: each example's expression, its answer and its type."""

import datetime
import decimal
from pathlib import Path

import pytest
import yaml

from millpond.athena.sql.types import SqlType

PAGES = sorted(Path(__file__).parent.glob("trino_examples/*.yaml"))
EXAMPLES = [
    pytest.param(*example, *([None] * (3 - len(example))), id=f"{page.stem}: {example[0]}")
    for page in PAGES
    for example in yaml.safe_load(page.read_text())
]


@pytest.mark.parametrize(("expression", "answer", "type_name"), EXAMPLES)
def test_expression_has_the_documented_answer(run_sql, expression, answer, type_name):
    result = run_sql(f"SELECT {expression}")
    assert _plain(result.rows[0][0], result.columns[0].type) == answer
    if type_name is not None:
        assert result.columns[0].type.trino == type_name


def _plain(value, type_: SqlType):
    """A result as YAML writes it: texts for decimals and dates, lists for rows."""
    if isinstance(value, decimal.Decimal | datetime.date | datetime.datetime | datetime.time):
        return str(value)
    if type_.name == "array" and value is not None:
        return [_plain(item, type_.elements[0]) for item in value]
    if type_.name == "row" and value is not None:
        fields = list(value.values()) if isinstance(value, dict) else list(value)
        return [_plain(item, field.type) for item, field in zip(fields, type_.fields, strict=True)]
    if type_.name == "map" and value is not None:
        return {_plain(k, type_.elements[0]): _plain(v, type_.elements[1]) for k, v in value.items()}
    return value
