"""Joins of frames by the fields at paths, of which some may be choices."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame

from .choices import adapted, has_choices, merged
from .fields import parts_of, type_at


def joined(left: DataFrame, right: DataFrame, paths1: Sequence[str], paths2: Sequence[str]) -> DataFrame:
    """The pairs of records whose keys are equal; a name that both have gets a dot in the second.

    Raises:
        ValueError: There is no field at a path.
    """
    names = {name: f".{name}" if name in left.columns else name for name in right.columns}
    right = right.toDF(*names.values())
    pairs = zip(paths1, paths2, strict=True)
    equal = [_equal(left, parts_of(one), right, _renamed(parts_of(other), names)) for one, other in pairs]
    return left.join(right, reduce(operator.and_, equal))


def _equal(left: DataFrame, one: Sequence[str], right: DataFrame, other: Sequence[str]) -> Any:
    """Whether two keys are equal; of choices, in type and value."""
    paths = _quoted(one), _quoted(other)
    kinds = type_at(left, paths[0]), type_at(right, paths[1])
    if None in kinds:
        raise ValueError(f"There is no field {one if kinds[0] is None else other} to join on")
    keys = left[paths[0]], right[paths[1]]
    if any(map(has_choices, kinds)):
        common = merged(*kinds)
        keys = adapted(keys[0], kinds[0], common), adapted(keys[1], kinds[1], common)
    return keys[0] == keys[1]


def _renamed(path: Sequence[str], names: Mapping[str, str]) -> list[str]:
    return [names.get(path[0], path[0]), *path[1:]]


def _quoted(path: Sequence[str]) -> str:
    return ".".join(f"`{part}`" for part in path)
