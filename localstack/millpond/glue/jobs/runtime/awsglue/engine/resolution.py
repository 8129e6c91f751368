"""What becomes of choices: casts, columns or structs, at a path or wherever there is one.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from pyspark.sql import Column, DataFrame, types
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from .choices import MARK, alternatives_of, has_choices, is_choice
from .fields import parts_of, spark_type, type_at

Action = Callable[[str, Column, Any], list[tuple[str, Column]]]
"""Given a field's name, value and type, the fields that it becomes."""

_NESTED: Final = (types.StructType, types.ArrayType, types.MapType)
_NO_DATES: Final = (types.NumericType, types.BooleanType, types.BinaryType)


def action_of(text: str) -> Action:
    """An action as scripts write it: `cast:long`, `project:long`, `make_cols` or `make_struct`.

    Raises:
        ValueError: There is none of the name.
    """
    verb, _, kind = text.partition(":")
    if verb.lower() in ("cast", "project") and kind:
        wanted = spark_type(kind)
        return lambda name, value, have: [(name, casted(value, have, wanted))]
    if verb.lower() in _SHAPES and not kind:
        return _SHAPES[verb.lower()]
    raise ValueError(f"Invalid resolve action {text}.")


def resolved(frame: DataFrame, path: str, action: Action) -> DataFrame:
    """A frame in which an action is done on the field at a path; one that is not there is none."""
    if type_at(frame, path) is None:
        return frame
    top, *rest = parts_of(path)
    columns: list[Column] = []
    for field in frame.schema:
        value = F.col(f"`{field.name}`")
        if field.name.lower() == top.lower():
            made = _at(field.name, value, field.dataType, rest, action)
            columns += [column.alias(name) for name, column in made]
        else:
            columns.append(value)
    return frame.select(*columns)


def all_resolved(frame: DataFrame, action: Action) -> DataFrame:
    """A frame in which an action is done on every choice, at any depth."""
    columns: list[Column] = []
    for field in frame.schema:
        made = _wherever(field.name, F.col(f"`{field.name}`"), field.dataType, action)
        columns += [column.alias(name) for name, column in made]
    return frame.select(*columns)


def as_text(frame: DataFrame) -> DataFrame:
    """A frame whose choices are text."""
    return all_resolved(frame, action_of("cast:string"))


def casted(value: Column, have: Any, want: Any) -> Column:
    """A value as another type; one that cannot be cast becomes null."""
    if is_choice(have):
        casts = [
            casted(value.getField(f"{MARK}{name}"), kind, want)
            for name, kind in alternatives_of(have).items()
            if _castable(kind, want)
        ]
        return F.coalesce(*casts) if casts else F.lit(None).cast(want)
    if isinstance(have, types.StructType) and isinstance(want, types.StructType):
        known = {field.name.lower(): field for field in have}
        fields = [
            (
                casted(value.getField(known[f.name.lower()].name), known[f.name.lower()].dataType, f.dataType)
                if f.name.lower() in known
                else F.lit(None).cast(f.dataType)
            ).alias(f.name)
            for f in want
        ]
        return F.when(value.isNotNull(), F.struct(*fields))
    if isinstance(have, types.ArrayType) and isinstance(want, types.ArrayType):
        return F.transform(value, lambda item: casted(item, have.elementType, want.elementType))
    if isinstance(have, _NESTED) and isinstance(want, types.StringType):
        return F.to_json(value)
    return value.cast(want)


def _castable(have: Any, want: Any) -> bool:
    """Whether Spark has a cast of one of a choice's types; what it has none for becomes null."""
    if isinstance(have, _NESTED) or isinstance(want, _NESTED):
        return isinstance(want, types.StringType) or type(have) is type(want)
    return not (isinstance(want, types.DateType) and isinstance(have, _NO_DATES))


def _columns(name: str, value: Column, kind: Any) -> list[tuple[str, Column]]:
    if not is_choice(kind):
        return [(name, value)]
    return [
        (f"{name}_{alternative}", value.getField(f"{MARK}{alternative}"))
        for alternative in alternatives_of(kind)
    ]


def _struct(name: str, value: Column, kind: Any) -> list[tuple[str, Column]]:
    if not is_choice(kind):
        return [(name, value)]
    fields = [
        value.getField(f"{MARK}{alternative}").alias(alternative) for alternative in alternatives_of(kind)
    ]
    return [(name, F.when(value.isNotNull(), F.struct(*fields)))]


_SHAPES: Final[dict[str, Action]] = {
    "keepasstruct": _struct,
    "make_cols": _columns,
    "make_struct": _struct,
}


def _at(name: str, value: Column, kind: Any, path: Sequence[str], action: Action) -> list[tuple[str, Column]]:
    """The fields that a field becomes, of which an action is done on what is at a path inside of it."""
    if isinstance(kind, types.ArrayType) and path:
        return [
            (name, F.transform(value, lambda item: _one(_at(name, item, kind.elementType, path, action))))
        ]
    if not path:
        return action(name, value, kind)
    # A field of the structs among a choice's values is found as one of the choice.
    steps = [f"{MARK}struct", *path] if is_choice(kind) else path
    fields: list[tuple[str, Column]] = []
    for field in kind:
        inner = value.getField(field.name)
        if field.name.lower() == steps[0].lower():
            fields += _at(field.name, inner, field.dataType, steps[1:], action)
        else:
            fields.append((field.name, inner))
    return [(name, _together(value, fields))]


def _wherever(name: str, value: Column, kind: Any, action: Action) -> list[tuple[str, Column]]:
    if not has_choices(kind):
        return [(name, value)]
    if is_choice(kind):
        return action(name, value, kind)
    if isinstance(kind, types.ArrayType):
        item = kind.elementType
        return [(name, F.transform(value, lambda each: _one(_wherever(name, each, item, action))))]
    if isinstance(kind, types.MapType):
        item = kind.valueType
        return [(name, F.transform_values(value, lambda _, each: _one(_wherever(name, each, item, action))))]
    fields: list[tuple[str, Column]] = []
    for field in kind:
        fields += _wherever(field.name, value.getField(field.name), field.dataType, action)
    return [(name, _together(value, fields))]


def _together(value: Column, fields: Sequence[tuple[str, Column]]) -> Column:
    return F.when(value.isNotNull(), F.struct(*(column.alias(name) for name, column in fields)))


def _one(fields: Sequence[tuple[str, Column]]) -> Column:
    """The items of an array are one column; those that would become several are kept as a struct."""
    if len(fields) == 1:
        return fields[0][1]
    return F.struct(*(column.alias(name) for name, column in fields))
