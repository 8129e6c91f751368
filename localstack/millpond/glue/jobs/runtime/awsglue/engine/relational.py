"""Flattens nested frames: structs to columns, arrays to frames of their own."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import ArrayType, MapType, StructType

from ..exceptions import NotSupportedLocally
from .choices import is_choice


def flattened(frame: DataFrame) -> DataFrame:
    """Structs as columns `a.b`, at any depth; a choice is one value."""
    while any(_is_struct(field.dataType) for field in frame.schema):
        columns = []
        for field in frame.schema:
            if _is_struct(field.dataType):
                columns += [
                    F.col(f"`{field.name}`")[inner.name].alias(f"{field.name}.{inner.name}")
                    for inner in field.dataType
                ]
            else:
                columns.append(F.col(f"`{field.name}`"))
        frame = frame.select(columns)
    return frame


def relationalized(frame: DataFrame, name: str, array_of: str = "") -> dict[str, DataFrame]:
    """A flat frame by its name, and by `<name>_<array>` a frame per array: its `id`, `index` and values.

    Args:
        frame: To be made flat.
        name: Of the outermost frame.
        array_of: The array whose values these are, as `a.val.b`.
    """
    own = f"{name}_{array_of}" if array_of else name
    flat = flattened(frame)
    if any(isinstance(field.dataType, MapType) for field in flat.schema):
        raise NotSupportedLocally("Relationalize with map columns")
    arrays = [field.name for field in flat.schema if isinstance(field.dataType, ArrayType)]
    if not arrays:
        return {own: flat}
    # Kept, so that the ids are the same on both sides.
    numbered = flat.withColumn("__row", F.monotonically_increasing_id()).persist()
    frames: dict[str, DataFrame] = {}
    root = numbered
    for array in arrays:
        identity = F.when(F.col(f"`{array}`").isNotNull(), F.col("__row"))
        root = root.withColumn(array, identity)
        child = numbered.select(F.col("__row").alias("id"), F.posexplode(F.col(f"`{array}`"))).toDF(
            "id", "index", f"{array}.val"
        )
        frames |= relationalized(child, name, array)
    return {own: root.drop("__row"), **frames}


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, StructType) and not is_choice(kind)
