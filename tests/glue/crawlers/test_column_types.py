"""What becomes of the types of one column in several files."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millpond.glue.crawlers.column_types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INT,
    STRING,
    UNSEEN,
    Array,
    ColumnType,
    Decimal,
    MapOf,
    Scalar,
    Struct,
    merge_types,
    merged,
)

_NAMES = ("tinyint", "smallint", "int", "bigint", "float", "double", "string", "boolean", "date", "timestamp")
_SCALARS = st.sampled_from([Scalar(name) for name in _NAMES])
_DECIMALS = st.tuples(st.integers(0, 38), st.integers(0, 38)).map(
    lambda parts: Decimal(max(*parts, 1), min(parts))
)
_TYPES = st.recursive(
    st.one_of(st.just(UNSEEN), _SCALARS, _DECIMALS),
    lambda inner: st.one_of(
        inner.map(Array),
        st.tuples(inner, inner).map(lambda parts: MapOf(*parts)),
        # In one order, so that structs of the same fields are equal whichever came first.
        st.dictionaries(st.sampled_from("ab"), inner, min_size=2).map(
            lambda fields: Struct(tuple(sorted(fields.items())))
        ),
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(_TYPES, _TYPES, _TYPES)
def test_order_of_files_does_not_matter(one: ColumnType, other: ColumnType, third: ColumnType) -> None:
    assert merged(one, other) == merged(other, one)
    assert merged(merged(one, other), third) == merged(one, merged(other, third))
    assert merged(one, one) == one


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([INT, BIGINT], "bigint"),
        ([INT, DOUBLE], "double"),
        ([INT, Scalar("float")], "double"),
        ([INT, STRING], "string"),
        ([BOOLEAN, INT], "string"),
        ([UNSEEN, INT], "int"),
        ([UNSEEN], "string"),
        ([Scalar("date"), Scalar("timestamp")], "string"),
        ([Decimal(10, 2), Decimal(8, 4)], "decimal(12,4)"),
        ([Decimal(38, 0), Decimal(10, 10)], "double"),
        ([Decimal(10, 2), INT], "double"),
        ([Array(INT), Array(BIGINT)], "array<bigint>"),
        ([Struct((("a", INT),)), Struct((("b", STRING),))], "struct<a:int,b:string>"),
        ([Struct((("a", INT),)), INT], "string"),
        ([Struct(())], "string"),
        ([MapOf(STRING, INT), MapOf(STRING, DOUBLE)], "map<string,double>"),
    ],
)
def test_wider_type_holds_the_values_of_both(types: list[ColumnType], expected: str) -> None:
    assert str(merge_types(types)) == expected
