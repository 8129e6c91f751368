"""DynamicFrame, over a Spark DataFrame whose columns may be choices (see `engine.choices`).

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from .engine.choices import as_structs, described, has_choices, union
from .engine.errors import errors_frame
from .engine.fields import column, nested, parts_of, renamed, spark_type, type_at, without
from .engine.formats import write_format
from .engine.joining import joined
from .engine.record_functions import applied, failing, holding, unboxing
from .engine.records import conformed, natural_json, schema_of_all, with_known_types, without_nulls
from .engine.relational import flattened, relationalized
from .engine.resolution import action_of, all_resolved, casted, resolved
from .engine.s3 import glue_client
from .engine.schema_tree import schema_tree
from .engine.sinks import write
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


_KEPT_TYPES: Final = frozenset({"array", "choice", "map", "null", "struct"})
"""Types that a mapping can name without what is in them, and that it leaves as they are."""


class ResolveOption:
    """How `toDF` resolves a choice.

    Args:
        path: Of the choice.
        action: `Project` or `Cast`, to the type that is the target, or `KeepAsStruct`.
        target: The type, of Spark's.
    """

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
        errors: An RDD of the errors of the records that were dropped when it was made.
        earlier_errors: An RDD of those of the frames that it was made of.
    """

    def __init__(
        self,
        frame: DataFrame,
        glue_ctx: GlueContext,
        name: str = "",
        errors: Any = None,
        earlier_errors: Any = None,
    ) -> None:
        self._frame = frame
        self._errors = errors
        self._earlier_errors = earlier_errors
        self.glue_ctx = glue_ctx
        self.name = name

    # ---- from and to Spark

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str = "") -> DynamicFrame:  # noqa: N802
        """A DynamicFrame of a DataFrame."""
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Sequence[ResolveOption] | None = None) -> DataFrame:  # noqa: N802
        """The DataFrame; a choice that no option resolves is a struct of its types."""
        frame = self._frame
        for option in options or ():
            if option.action == "KeepAsStruct":
                frame = resolved(frame, option.path, action_of("make_struct"))
            elif option.target is None:
                raise ValueError(f"Missing target type for resolve action {option.action}.")
            else:
                frame = resolved(frame, option.path, action_of(f"cast:{option.target.simpleString()}"))
        return as_structs(frame)

    @property
    def with_choices(self) -> DataFrame:
        """The DataFrame whose choices are marked as such, for what writes it."""
        return self._frame

    def schema(self) -> Any:
        """The schema, as Spark's type, with Glue's `ChoiceType`."""
        return described(self._frame.schema)

    def printSchema(self) -> None:  # noqa: N802
        """Print the schema as a tree."""
        print(schema_tree(self.schema()))

    def show(self, num_rows: int = 20) -> None:
        """Print records, as JSON."""
        for line in self._frame.toJSON().take(num_rows):
            print(natural_json(line) if has_choices(self._frame.schema) else line)

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
            if len(mapping) == 4 and str(mapping[3]).strip().lower() not in _KEPT_TYPES:
                value = casted(value, type_at(self._frame, str(source)), spark_type(str(mapping[3])))
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
        """Make one type, several columns or a struct of choices.

        Args:
            specs: `(path, action)`, of any fields: `cast:type`, `project:type`, `make_cols`, `make_struct`.
            choice: One of these for all choices, or `match_catalog`: the types of a table's columns.
            database: Of the table.
            table_name: Of the table.
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
                frame = resolved(frame, f"`{item['Name']}`", action_of(f"cast:{item['Type']}"))
        elif choice:
            frame = all_resolved(frame, action_of(choice))
        for path, action in [specs] if isinstance(specs, tuple) else specs or ():
            frame = resolved(frame, path, action_of(action))
        return self._with(frame)

    def unbox(self, path: str, format: str, *_: Any, **options: Any) -> DynamicFrame:
        """A text field as what it holds, of JSON; a record whose text is none is an error."""
        if format != "json":
            raise NotSupportedLocally(f"unbox of the format {format}")
        if options:
            raise NotSupportedLocally(f"unbox with the option {min(options)}")
        return self.map(unboxing(parts_of(path)))

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
        """The records for which a function is true; those on which it fails are left out, and counted."""
        rows = self._frame.rdd
        kept = self.glue_ctx.spark_session.createDataFrame(rows.filter(holding(f)), self._frame.schema)
        return DynamicFrame(kept, self.glue_ctx, self.name, rows.flatMap(failing(f)), self._all_errors)

    def map(
        self,
        f: Callable[[DynamicRecord], Any],
        preservesPartitioning: bool = False,  # noqa: N803
        transformation_ctx: str = "",
        info: str = "",
        stageThreshold: int = 0,  # noqa: N803
        totalThreshold: int = 0,  # noqa: N803
    ) -> DynamicFrame:
        """What a function makes of each record; its schema is that of the values that came out.

        Args:
            f: The function.
            preservesPartitioning: Changes nothing.
            transformation_ctx: Changes nothing.
            info: Changes nothing.
            stageThreshold: How many errors of the function are too many; 0 for none.
            totalThreshold: How many errors, with those of the frames before, are too many; 0 for none.

        Raises:
            RuntimeError: There were too many errors.
        """
        results = self._frame.rdd.map(applied(f)).persist(StorageLevel.MEMORY_AND_DISK)
        records = results.filter(lambda result: result[0]).map(lambda result: result[1])
        errors = results.filter(lambda result: not result[0]).map(lambda result: result[1])
        before = self._frame.schema
        inferred = schema_of_all(records)
        schema = without_nulls(with_known_types(inferred, before)) if inferred.fields else before
        rows = records.map(lambda record: conformed(record, schema))
        frame = self.glue_ctx.spark_session.createDataFrame(rows, schema, verifySchema=False)
        made = DynamicFrame(frame, self.glue_ctx, self.name, errors, self._all_errors)
        made._check(stageThreshold, made.stageErrorsCount())
        made._check(totalThreshold, made.errorsCount())
        return made

    def mapPartitions(self, f: Callable[[Iterable[Any]], Iterable[Any]], *_: Any, **__: Any) -> DynamicFrame:  # noqa: N802
        """Refused: its records are of Glue's own representation."""
        raise NotSupportedLocally("DynamicFrame.mapPartitions")

    mapPartitionsWithIndex = mapPartitions  # noqa: N815 - AWS's name

    def simplify_ddb_json(self) -> DynamicFrame:
        """Refused: it is of DynamoDB's exports."""
        raise NotSupportedLocally("DynamicFrame.simplify_ddb_json")

    def unnest_ddb_json(self, *_: Any, **__: Any) -> DynamicFrame:
        """Refused: it is of DynamoDB's exports."""
        raise NotSupportedLocally("DynamicFrame.unnest_ddb_json")

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
        pairs = joined(self._frame, frame2.with_choices, _listed(paths1), _listed(paths2))
        return DynamicFrame(
            pairs, self.glue_ctx, self.name + frame2.name, earlier_errors=_together(self, frame2)
        )

    def union(self, other_frame: DynamicFrame, *_: Any, **__: Any) -> DynamicFrame:
        """The records of both."""
        frame = union([self._frame, other_frame.with_choices])
        return DynamicFrame(frame, self.glue_ctx, self.name, earlier_errors=_together(self, other_frame))

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
        stage = stage_dynamic_frame.with_choices
        kept = self._frame.join(stage, on=_listed(primary_keys), how="left_anti")
        return self._with(union([kept, stage]))

    def spigot(self, path: str, options: Mapping[str, Any] | None = None, *_: Any, **__: Any) -> DynamicFrame:
        """Write a sample of the records as JSON: the first `topk`, or `prob` of all."""
        given = options or {}
        sample = self._frame
        if "prob" in given:
            sample = sample.sample(float(given["prob"]))
        if "topk" in given:
            sample = sample.limit(int(given["topk"]))
        write(sample, path, write_format("json", {}))
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
        """How many records were dropped, here and before."""
        return _count(self._all_errors)

    def stageErrorsCount(self) -> int:  # noqa: N802
        """How many records were dropped when this frame was made."""
        return _count(self._errors)

    def errorsAsDynamicFrame(self) -> DynamicFrame:  # noqa: N802
        """What is known of the records that were dropped, each in the field `error`."""
        frame = errors_frame(self.glue_ctx.spark_session, self._all_errors)
        return DynamicFrame(frame, self.glue_ctx, f"{self.name}_errors")

    def assertErrorThreshold(self) -> None:  # noqa: N802
        """Raise if records were dropped."""
        self._check(1, self.errorsCount())

    def _check(self, threshold: int, errors: int) -> None:
        if threshold and errors >= threshold:
            raise RuntimeError(f"{errors} records had errors")

    @property
    def _all_errors(self) -> Any:
        return _all_of(self._errors, self._earlier_errors)

    def _with(self, frame: DataFrame) -> DynamicFrame:
        return DynamicFrame(frame, self.glue_ctx, self.name, earlier_errors=self._all_errors)


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


def _together(one: DynamicFrame, other: DynamicFrame) -> Any:
    """The errors of both."""
    return _all_of(one._all_errors, other._all_errors)


def _all_of(some: Any, more: Any) -> Any:
    """The errors of two RDDs, each of which may be none."""
    if some is None or more is None:
        return more if some is None else some
    return some.union(more)


def _count(errors: Any) -> int:
    return 0 if errors is None else int(errors.count())
