"""DynamicFrame, over a Spark DataFrame: its columns have one type each, so that there are no choices.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from .engine.fields import cast, column, nested, parts_of, renamed, spark_type, type_at, without
from .engine.records import conformed, merged, record_of, type_of, with_known_types
from .engine.relational import flattened, relationalized
from .engine.s3 import glue_client
from .exceptions import NotSupportedLocally
from .gluetypes import DynamicRecord, StructType

if TYPE_CHECKING:
    from .context import GlueContext

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}


class ResolveOption:
    """How `toDF` resolves a choice; there are none here."""

    def __init__(self, path: str, action: str, target: Any = None) -> None:
        self.path = path
        self.action = action
        self.target = target


class DynamicFrame:
    """A frame of records. Errors of functions drop the record and are counted, as on AWS.

    Args:
        frame: The Spark DataFrame behind it.
        glue_ctx: The context that it belongs to.
        name: What it is called.
        errors: An RDD of the messages of records that were dropped.
    """

    def __init__(self, frame: DataFrame, glue_ctx: GlueContext, name: str = "", errors: Any = None) -> None:
        self._frame = frame
        self._errors = errors
        self.glue_ctx = glue_ctx
        self.name = name

    # ---- from and to Spark

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str = "") -> DynamicFrame:  # noqa: N802
        """A DynamicFrame of a DataFrame."""
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Sequence[ResolveOption] | None = None) -> DataFrame:  # noqa: N802
        """The DataFrame."""
        return self._frame

    def schema(self) -> Any:
        """The schema, as Spark's type."""
        return self._frame.schema

    def printSchema(self) -> None:  # noqa: N802
        """Print the schema as a tree."""
        tree = self._frame._jdf.schema().treeString()
        tree = re.sub(r" \((nullable|containsNull|valueContainsNull) = \w+\)", "", tree)
        print(tree.replace("\n |", "\n|").replace(": integer", ": int"))

    def show(self, num_rows: int = 20) -> None:
        """Print records, as JSON."""
        for line in self._frame.toJSON().take(num_rows):
            print(line)

    def count(self) -> int:
        """How many records there are."""
        return int(self._frame.count())

    def getNumPartitions(self) -> int:  # noqa: N802
        """How many partitions Spark has it in."""
        return int(self._frame.rdd.getNumPartitions())

    def repartition(self, num_partitions: int, *_: Any, **__: Any) -> DynamicFrame:
        """In another number of partitions."""
        return self._with(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions: int, shuffle: bool = False, *_: Any, **__: Any) -> DynamicFrame:
        """In fewer partitions."""
        if shuffle:
            return self.repartition(num_partitions)
        return self._with(self._frame.coalesce(num_partitions))

    def with_frame_schema(self, schema: Any) -> DynamicFrame:
        """With a schema that is known, so that it need not be inferred: here it always is."""
        return self

    # ---- fields

    def select_fields(self, paths: str | Sequence[str], *_: Any, **__: Any) -> DynamicFrame:
        """Only these fields; those that are not there are left out."""
        found = [path for path in _listed(paths) if type_at(self._frame, path) is not None]
        columns = nested([(parts_of(path), column(path)) for path in found])
        return self._with(self._frame.select(*columns))

    def drop_fields(self, paths: str | Sequence[str], *_: Any, **__: Any) -> DynamicFrame:
        """Without these fields."""
        return self._with(reduce(without, _listed(paths), self._frame))

    def rename_field(self, oldName: str, newName: str, *_: Any, **__: Any) -> DynamicFrame:  # noqa: N803
        """With another name of a field; one with a dot is put in backticks."""
        return self._with(renamed(self._frame, oldName, newName))

    def apply_mapping(
        self,
        mappings: tuple[str, ...] | Sequence[tuple[str, ...]],
        case_sensitive: bool = False,
        *_: Any,
        **__: Any,
    ) -> DynamicFrame:
        """Only these fields, under new names and types.

        Args:
            mappings: (source, target), (source, source type, target) or (source, source type, target,
                target type); a source that is not there is left out.
            case_sensitive: Spark's names are not.
        """
        listed = [mappings] if isinstance(mappings, tuple) else mappings
        fields: list[tuple[Sequence[str], Any]] = []
        for mapping in listed:
            if not isinstance(mapping, tuple) or len(mapping) not in (2, 3, 4):
                raise ValueError(f"Mapping tuple must be of length 2, 3, or 4. Got {mapping}")
            source, target = mapping[0], str(mapping[1] if len(mapping) == 2 else mapping[2])
            if type_at(self._frame, str(source)) is None:
                continue
            value = column(str(source))
            if len(mapping) == 4:
                value = value.cast(spark_type(str(mapping[3])))
            fields.append((parts_of(target), value))
        return self._with(self._frame.select(*nested(fields)))

    applyMapping = apply_mapping  # noqa: N815 - AWS's other name

    def resolveChoice(  # noqa: N802
        self,
        specs: tuple[str, str] | Sequence[tuple[str, str]] | None = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        *_: Any,
        **__: Any,
    ) -> DynamicFrame:
        """Cast fields: `(path, "cast:type")`, or all to a table's types: `choice="match_catalog"`.

        `make_cols`, `make_struct` and `project` tell what becomes of a choice; there are none.
        """
        if specs is None and not choice:
            raise ValueError("Parameter specs and option are both missing, add one.")
        if specs is not None and choice:
            raise ValueError("Parameter specs and option are both specified, choose one.")
        frame = self._frame
        if choice.lower() == "match_catalog":
            table = glue_client().get_table(DatabaseName=database, Name=table_name)["Table"]
            declared = [*table["StorageDescriptor"]["Columns"], *(table.get("PartitionKeys") or [])]
            for item in declared:
                frame = cast(frame, f"`{item['Name']}`", item["Type"])
        for path, action in [specs] if isinstance(specs, tuple) else specs or ():
            verb, _separator, kind = action.partition(":")
            if verb.lower() in ("cast", "project"):
                frame = cast(frame, path, kind)
            elif verb.lower() not in ("make_cols", "make_struct", "keepasstruct"):
                raise ValueError(f"Invalid resolve action {action}.")
        return self._with(frame)

    def unbox(self, path: str, format: str, *_: Any, **options: Any) -> DynamicFrame:
        """A text field as the structure that it holds, of JSON."""
        if format != "json":
            raise NotSupportedLocally(f"unbox of the format {format}")
        texts = self._frame.select(column(path).alias("text")).where("text IS NOT NULL")
        schema = self.glue_ctx.spark_session.read.json(texts.rdd.map(lambda row: row[0])).schema
        return self._with(self._frame.withColumn(parts_of(path)[0], F.from_json(column(path), schema)))

    def unnest(self, *_: Any, **__: Any) -> DynamicFrame:
        """Structs as columns `a.b`."""
        return self._with(flattened(self._frame))

    def relationalize(
        self, root_table_name: str, staging_path: str | None = None, *_: Any, **__: Any
    ) -> DynamicFrameCollection:
        """A flat frame, and one per array; nothing is staged."""
        frames = relationalized(self._frame, root_table_name)
        return DynamicFrameCollection(
            {name: DynamicFrame(frame, self.glue_ctx, name) for name, frame in frames.items()}, self.glue_ctx
        )

    # ---- records

    def filter(self, f: Callable[[DynamicRecord], Any], *_: Any, **__: Any) -> DynamicFrame:
        """The records for which a function is true; one that raises is left out."""
        kept = self._frame.rdd.filter(_holding(f))
        return self._with(self.glue_ctx.spark_session.createDataFrame(kept, self._frame.schema))

    def map(self, f: Callable[[DynamicRecord], Any], *_: Any, **__: Any) -> DynamicFrame:
        """What a function makes of each record; its schema is that of the values that came out."""
        results = self._frame.rdd.map(_applied(f)).persist(StorageLevel.MEMORY_AND_DISK)
        records = results.filter(lambda result: result[0]).map(lambda result: result[1])
        errors = results.filter(lambda result: not result[0]).map(lambda result: result[1])
        before = self._frame.schema
        inferred = records.map(type_of).fold(StructType([]), merged)
        schema = with_known_types(inferred, before) if inferred.fields else before
        rows = records.map(lambda record: conformed(record, schema))
        frame = self.glue_ctx.spark_session.createDataFrame(rows, schema, verifySchema=False)
        return DynamicFrame(frame, self.glue_ctx, self.name, errors)

    def mapPartitions(self, f: Callable[[Iterable[Any]], Iterable[Any]], *_: Any, **__: Any) -> DynamicFrame:  # noqa: N802
        """Refused: its records are of Glue's own representation."""
        raise NotSupportedLocally("DynamicFrame.mapPartitions")

    # ---- frames

    def join(
        self,
        paths1: str | Sequence[str],
        paths2: str | Sequence[str],
        frame2: DynamicFrame,
        *_: Any,
        **__: Any,
    ) -> DynamicFrame:
        """The pairs of records whose keys are equal; a name that both have gets a dot in the second."""
        right = frame2.toDF()
        names = {name: f".{name}" if name in self._frame.columns else name for name in right.columns}
        right = right.toDF(*names.values())
        pairs = zip(_listed(paths1), _listed(paths2), strict=True)
        equal = [
            self._frame[_quoted(one)] == right[_quoted(".".join([f"`{names[parts_of(other)[0]]}`"]))]
            for one, other in pairs
        ]
        joined = self._frame.join(right, reduce(operator.and_, equal))
        return DynamicFrame(joined, self.glue_ctx, self.name + frame2.name)

    def union(self, other_frame: DynamicFrame, *_: Any, **__: Any) -> DynamicFrame:
        """The records of both."""
        return self._with(self._frame.unionByName(other_frame.toDF(), allowMissingColumns=True))

    def split_fields(
        self, paths: str | Sequence[str], name1: str, name2: str, *_: Any, **__: Any
    ) -> DynamicFrameCollection:
        """Two frames: of these fields, and of the others."""
        frames = {name1: self.select_fields(paths), name2: self.drop_fields(paths)}
        return DynamicFrameCollection(frames, self.glue_ctx)

    def split_rows(
        self, comparison_dict: Mapping[str, Mapping[str, Any]], name1: str, name2: str, *_: Any, **__: Any
    ) -> DynamicFrameCollection:
        """Two frames: of the records that meet all comparisons, and of the others."""
        conditions = [
            _COMPARISONS[comparison](column(path), value)
            for path, comparisons in comparison_dict.items()
            for comparison, value in comparisons.items()
        ]
        meets = F.coalesce(reduce(operator.and_, conditions), F.lit(False))
        frames = {
            name1: self._with(self._frame.where(meets)),
            name2: self._with(self._frame.where(~meets)),
        }
        return DynamicFrameCollection(frames, self.glue_ctx)

    def mergeDynamicFrame(  # noqa: N802
        self, stage_dynamic_frame: DynamicFrame, primary_keys: str | Sequence[str], *_: Any, **__: Any
    ) -> DynamicFrame:
        """The records of the stage, and of those here the ones whose keys the stage has not."""
        stage = stage_dynamic_frame.toDF()
        kept = self._frame.join(stage, on=_listed(primary_keys), how="left_anti")
        return self._with(kept.unionByName(stage, allowMissingColumns=True))

    def spigot(self, path: str, options: Mapping[str, Any] | None = None, *_: Any, **__: Any) -> DynamicFrame:
        """Write a sample of the records as JSON: the first `topk`, or `prob` of all."""
        given = options or {}
        sample = self._frame
        if "prob" in given:
            sample = sample.sample(float(given["prob"]))
        if "topk" in given:
            sample = sample.limit(int(given["topk"]))
        sample.write.mode("append").json(path)
        return self

    def write(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        accumulator_size: int = 0,
    ) -> Any:
        """Write it as `GlueContext.write_dynamic_frame.from_options` does."""
        return self.glue_ctx.write_dynamic_frame_from_options(
            self, connection_type, connection_options or {}, format, format_options or {}
        )

    # ---- errors

    def errorsCount(self) -> int:  # noqa: N802
        """How many records were dropped."""
        return 0 if self._errors is None else int(self._errors.count())

    stageErrorsCount = errorsCount  # noqa: N815 - AWS's other name

    def errorsAsDynamicFrame(self) -> DynamicFrame:  # noqa: N802
        """The messages of the records that were dropped."""
        messages = self._errors.map(lambda text: (text,)) if self._errors is not None else []
        frame = self.glue_ctx.spark_session.createDataFrame(messages, "msg string")
        return DynamicFrame(frame, self.glue_ctx, f"{self.name}_errors")

    def assertErrorThreshold(self) -> None:  # noqa: N802
        """Raise if records were dropped."""
        if self.errorsCount():
            raise RuntimeError(f"{self.errorsCount()} records had errors")

    def _with(self, frame: DataFrame) -> DynamicFrame:
        return DynamicFrame(frame, self.glue_ctx, self.name, self._errors)


class DynamicFrameCollection:
    """Frames by name."""

    def __init__(
        self, dynamic_frames: Mapping[str, DynamicFrame] | Iterable[DynamicFrame], glue_ctx: GlueContext
    ) -> None:
        self._glue_ctx = glue_ctx
        self._frames: dict[str, DynamicFrame]
        if isinstance(dynamic_frames, Mapping):
            self._frames = dict(dynamic_frames)
        else:
            self._frames = {frame.name: frame for frame in dynamic_frames}

    def __getitem__(self, key: str) -> DynamicFrame:
        return self._frames[key]

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._frames.keys()

    def values(self) -> Iterable[DynamicFrame]:
        """The frames."""
        return self._frames.values()

    def select(self, key: str, transformation_ctx: str = "") -> DynamicFrame:
        """A frame by its name; an empty one if there is none."""
        if key in self._frames:
            return self._frames[key]
        empty = self._glue_ctx.spark_session.createDataFrame([], StructType([]))
        return DynamicFrame(empty, self._glue_ctx, key)

    def map(
        self,
        callable: Callable[[DynamicFrame, str], DynamicFrame],
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """What a function makes of each frame."""
        made = {name: callable(frame, f"{transformation_ctx}:{name}") for name, frame in self._frames.items()}
        return DynamicFrameCollection(made, self._glue_ctx)

    def flatmap(
        self,
        f: Callable[[DynamicFrame, str], DynamicFrame | DynamicFrameCollection],
        transformation_ctx: str = "",
    ) -> DynamicFrameCollection:
        """What a function makes of each frame: one or several."""
        made: dict[str, DynamicFrame] = {}
        for frame in self._frames.values():
            result = f(frame, f"{transformation_ctx}:{frame.name}")
            if isinstance(result, DynamicFrameCollection):
                made.update(result._frames)
            else:
                made[result.name] = result
        return DynamicFrameCollection(made, self._glue_ctx)


def _listed(paths: str | Sequence[str]) -> list[str]:
    return [paths] if isinstance(paths, str) else list(paths)


def _quoted(path: str) -> str:
    return ".".join(f"`{part}`" for part in parts_of(path))


def _holding(f: Callable[[DynamicRecord], Any]) -> Callable[[Any], bool]:
    def holds(row: Any) -> bool:
        try:
            return bool(f(record_of(row)))
        except (KeyError, ValueError, TypeError):
            return False  # as Glue's own filter does

    return holds


def _applied(f: Callable[[DynamicRecord], Any]) -> Callable[[Any], tuple[bool, Any]]:
    def apply(row: Any) -> tuple[bool, Any]:
        try:
            made = f(record_of(row))
        except Exception as error:  # whatever the script's function raises is the record's error
            return False, f"{type(error).__name__}: {error}"
        if not made:
            return False, "User-specified function returned None instead of DynamicRecord"
        return True, made

    return apply
