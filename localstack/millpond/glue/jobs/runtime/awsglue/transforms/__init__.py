"""Glue's transforms: each is a method of DynamicFrame under a name of its own.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-transforms.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import NullType

from ..dynamicframe import DynamicFrame, DynamicFrameCollection

__all__ = [
    "ApplyMapping",
    "Coalesce",
    "DropFields",
    "DropNullFields",
    "ErrorsAsDynamicFrame",
    "Filter",
    "FlatMap",
    "GlueTransform",
    "Join",
    "Map",
    "MapToCollection",
    "Relationalize",
    "RenameField",
    "Repartition",
    "ResolveChoice",
    "SelectFields",
    "SelectFromCollection",
    "Spigot",
    "SplitFields",
    "SplitRows",
    "Unbox",
    "Union",
    "UnnestFrame",
]


class GlueTransform:
    """A transform; `apply` runs it."""

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run the transform."""
        return cls()(*args, **kwargs)

    @classmethod
    def name(cls) -> str:
        """What it is called."""
        return cls.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the transform."""
        raise NotImplementedError


class ApplyMapping(GlueTransform):
    """Only the mapped fields, under new names and types."""

    def __call__(self, frame: DynamicFrame, mappings: Any, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.apply_mapping`."""
        return frame.apply_mapping(mappings, *args, **kwargs)


class Coalesce(GlueTransform):
    """In fewer partitions."""

    def __call__(self, frame: DynamicFrame, num_partitions: int, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.coalesce`."""
        return frame.coalesce(num_partitions, *args, **kwargs)


class DropFields(GlueTransform):
    """Without some fields."""

    def __call__(self, frame: DynamicFrame, paths: Any, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.drop_fields`."""
        return frame.drop_fields(paths)


class DropNullFields(GlueTransform):
    """Without the columns that are missing or null in every record."""

    def __call__(self, frame: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        """Look at all records."""
        data = frame.toDF()
        typed = [field.name for field in data.schema if not isinstance(field.dataType, NullType)]
        counts = data.select(*(F.count(F.col(f"`{name}`")).alias(name) for name in typed)).first()
        filled = {name for name, count in zip(typed, counts or (), strict=False) if count}
        return frame.drop_fields([f"`{name}`" for name in data.columns if name not in filled])


class ErrorsAsDynamicFrame(GlueTransform):
    """The errors of records that were dropped."""

    def __call__(self, frame: DynamicFrame) -> DynamicFrame:
        """See `DynamicFrame.errorsAsDynamicFrame`."""
        return frame.errorsAsDynamicFrame()


class Filter(GlueTransform):
    """The records for which a function is true."""

    def __call__(self, frame: DynamicFrame, f: Any, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.filter`."""
        return frame.filter(f)


class FlatMap(GlueTransform):
    """A transform, of each frame of a collection."""

    def __call__(
        self,
        dfc: DynamicFrameCollection,
        BaseTransform: type[GlueTransform],  # noqa: N803
        frame_name: str,
        transformation_ctx: str = "",
        **base_kwargs: Any,
    ) -> DynamicFrameCollection:
        """Each frame is given to the transform as its argument `frame_name`."""
        return dfc.flatmap(
            lambda frame, ctx: BaseTransform.apply(**{frame_name: frame, **base_kwargs}), transformation_ctx
        )


class Join(GlueTransform):
    """The pairs of records whose keys are equal."""

    def __call__(
        self, frame1: DynamicFrame, frame2: DynamicFrame, keys1: Any, keys2: Any, transformation_ctx: str = ""
    ) -> DynamicFrame:
        """See `DynamicFrame.join`."""
        return frame1.join(keys1, keys2, frame2)


class Map(GlueTransform):
    """What a function makes of each record."""

    def __call__(self, frame: DynamicFrame, f: Any, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.map`."""
        return frame.map(f)


class MapToCollection(GlueTransform):
    """What a function makes of each frame of a collection."""

    def __call__(
        self,
        dfc: DynamicFrameCollection,
        callable: Any,
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """See `DynamicFrameCollection.map`."""
        return dfc.map(callable, transformation_ctx)


class Relationalize(GlueTransform):
    """A flat frame, and one per array."""

    def __call__(
        self,
        frame: DynamicFrame,
        staging_path: str | None = None,
        name: str = "roottable",
        *args: Any,
        **kwargs: Any,
    ) -> DynamicFrameCollection:
        """See `DynamicFrame.relationalize`."""
        return frame.relationalize(name, staging_path)


class RenameField(GlueTransform):
    """With another name of a field."""

    def __call__(
        self, frame: DynamicFrame, old_name: str, new_name: str, *args: Any, **kwargs: Any
    ) -> DynamicFrame:
        """See `DynamicFrame.rename_field`."""
        return frame.rename_field(old_name, new_name)


class Repartition(GlueTransform):
    """In another number of partitions."""

    def __call__(self, frame: DynamicFrame, num_partitions: int, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.repartition`."""
        return frame.repartition(num_partitions)


class ResolveChoice(GlueTransform):
    """Cast fields."""

    def __call__(self, frame: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.resolveChoice`."""
        return frame.resolveChoice(*args, **kwargs)


class SelectFields(GlueTransform):
    """Only some fields."""

    def __call__(self, frame: DynamicFrame, paths: Any, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.select_fields`."""
        return frame.select_fields(paths)


class SelectFromCollection(GlueTransform):
    """A frame of a collection."""

    def __call__(self, dfc: DynamicFrameCollection, key: str, transformation_ctx: str = "") -> DynamicFrame:
        """See `DynamicFrameCollection.select`."""
        return dfc.select(key, transformation_ctx)


class Spigot(GlueTransform):
    """Write a sample, and go on."""

    def __call__(
        self, frame: DynamicFrame, path: str, options: Any = None, transformation_ctx: str = ""
    ) -> DynamicFrame:
        """See `DynamicFrame.spigot`."""
        return frame.spigot(path, options)


class SplitFields(GlueTransform):
    """Two frames: of some fields, and of the others."""

    def __call__(
        self,
        frame: DynamicFrame,
        paths: Any,
        name1: str | None = None,
        name2: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> DynamicFrameCollection:
        """See `DynamicFrame.split_fields`."""
        return frame.split_fields(paths, name1 or f"{frame.name}1", name2 or f"{frame.name}2")


class SplitRows(GlueTransform):
    """Two frames: of the records that meet comparisons, and of the others."""

    def __call__(
        self,
        frame: DynamicFrame,
        comparison_dict: Any,
        name1: str = "frame1",
        name2: str = "frame2",
        *args: Any,
        **kwargs: Any,
    ) -> DynamicFrameCollection:
        """See `DynamicFrame.split_rows`."""
        return frame.split_rows(comparison_dict, name1, name2)


class Unbox(GlueTransform):
    """A text field as the structure that it holds."""

    def __call__(
        self,
        frame: DynamicFrame,
        path: str,
        format: str,
        *args: Any,
        **options: Any,
    ) -> DynamicFrame:
        """See `DynamicFrame.unbox`."""
        return frame.unbox(path, format, **options)


class Union(GlueTransform):
    """The records of two frames."""

    def __call__(self, frame1: DynamicFrame, frame2: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.union`."""
        return frame1.union(frame2)


class UnnestFrame(GlueTransform):
    """Structs as columns."""

    def __call__(self, frame: DynamicFrame, *args: Any, **kwargs: Any) -> DynamicFrame:
        """See `DynamicFrame.unnest`."""
        return frame.unnest()
