"""Which files make which table, and which folders are its partitions.

A folder whose files and subfolders are mostly alike is one table; its subfolders are partitions. Where they
are not, each subfolder is looked at by itself, and each file that is unlike its neighbours is a table.

https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html
https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html#crawler-grouping-policy
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from millpond.glue.crawlers.data_formats import UNKNOWN, ClassifiedFile, DataFormat
from millpond.glue.crawlers.schemas import Schema, merge_all

# https://repost.aws/knowledge-center/glue-crawler-detect-schema
_MAJORITY: Final = 0.7
"""The share of schemas that must be alike for all to be one table."""
_MOST_SCHEMAS: Final = 5
"""How many different ones there may be."""


@dataclass(frozen=True)
class CrawledFile:
    """An object of the data store.

    Attributes:
        key: Its key.
        size: Its bytes.
        found: What it is.
    """

    key: str
    size: int
    found: ClassifiedFile


@dataclass(frozen=True)
class GroupingOptions:
    """How a crawler groups.

    Attributes:
        combine: `CombineCompatibleSchemas`: files of one format make one table, whatever their columns.
        table_level: The depth of folders that are tables, the bucket being 1; None if that is to be found.
    """

    combine: bool = False
    table_level: int | None = None


@dataclass(frozen=True)
class TableGroup:
    """The files of one table.

    Attributes:
        root: The key of the table's folder, with a slash at its end, or of its only file.
        format: The format of all its files.
        schema: The columns of all its files.
        files: They.
        folders: Which files lie in which folder below the root, if these are partitions.
    """

    root: str
    format: DataFormat
    schema: Schema
    files: tuple[CrawledFile, ...]
    folders: tuple[tuple[tuple[str, ...], tuple[CrawledFile, ...]], ...] = ()

    @property
    def depth(self) -> int:
        """How many folders lie between the root and its files."""
        return len(self.folders[0][0]) if self.folders else 0


@dataclass
class _Folder:
    path: str
    files: list[CrawledFile] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)


def group_files(
    files: Iterable[CrawledFile], include_prefix: str, options: GroupingOptions
) -> list[TableGroup]:
    """The tables of an include path.

    Args:
        files: What lies there, classified.
        include_prefix: The path's key: of a folder, with a slash at its end, or of a file.
        options: How the crawler groups.
    """
    files = list(files)
    if include_prefix and not include_prefix.endswith("/"):
        return [_single(file) for file in files]
    root = _tree(files, include_prefix)
    if options.table_level is not None:
        return _at_level(root, options.table_level, options)
    return _Grouping(options).resolve(root)


def partition_keys(group: TableGroup) -> list[str]:
    """The names of a table's partition keys: what its folders' names say, or `partition_0` and so on."""
    names = []
    for level in range(group.depth):
        folders = {values[level] for values, _ in group.folders}
        keys = {folder.partition("=")[0].lower() for folder in folders if _is_named(folder)}
        named = len(keys) == 1 and all(map(_is_named, folders))
        names.append(keys.pop() if named else f"partition_{level}")
    return names


def partition_values(group: TableGroup, folders: Sequence[str]) -> list[str]:
    """The values of a partition in these folders below the table's."""
    return [
        folder if key == f"partition_{level}" else folder.partition("=")[2]
        for level, (key, folder) in enumerate(zip(partition_keys(group), folders, strict=True))
    ]


def _is_named(folder: str) -> bool:
    key, separator, _ = folder.partition("=")
    return bool(key and separator)


def _tree(files: Iterable[CrawledFile], prefix: str) -> _Folder:
    root = _Folder(prefix)
    for file in files:
        folder = root
        for name in file.key[len(prefix) :].split("/")[:-1]:
            folder = folder.folders.setdefault(name, _Folder(f"{folder.path}{name}/"))
        folder.files.append(file)
    return root


def _single(file: CrawledFile) -> TableGroup:
    return TableGroup(file.key, file.found.format, file.found.schema, (file,))


def _at_level(root: _Folder, level: int, options: GroupingOptions) -> list[TableGroup]:
    """Each folder of a level is a table; what lies above it is grouped as ever."""
    depth = root.path.count("/") + 1
    grouping = _Grouping(GroupingOptions(combine=True))
    if depth >= level:
        return grouping.resolve(root)
    above = _Grouping(options).resolve(_Folder(root.path, root.files)) if root.files else []
    return [*above, *(group for child in root.folders.values() for group in _at_level(child, level, options))]


class _Grouping:
    """Finds the tables of folders, from the deepest up."""

    def __init__(self, options: GroupingOptions) -> None:
        self._options = options

    def resolve(self, folder: _Folder) -> list[TableGroup]:
        """The tables of a folder: one that begins with it, if it is uniform."""
        own = self._direct(folder)
        if not folder.folders:
            return own
        below = [self.resolve(child) for child in folder.folders.values()]
        uniform = [groups[0] for groups in below if len(groups) == 1]
        scattered = [group for groups in below if len(groups) != 1 for group in groups]
        found = [*own, *uniform]
        folders = [group for group in found if group.root.endswith("/")]
        files = [group for group in found if not group.root.endswith("/")]
        alike = self._majority(folders, of=len(found) + len(scattered))
        joined = [group for group in folders if alike and group.format == alike[0].format]
        taken = {id(group) for group in joined}
        rest = [group for group in (*folders, *files, *scattered) if id(group) not in taken]
        if all(group.root == folder.path for group in joined):
            return [*joined, *rest]
        if len({self._depth(group, folder) for group in joined}) == 1:
            return [_partitioned(folder.path, joined), *rest]
        if any(_is_named(name) for name in folder.folders):
            # Partitions of different depths cannot be partitions of one table.
            return [*joined, *rest]
        return [_flat(folder.path, joined), *rest]

    @staticmethod
    def _depth(group: TableGroup, folder: _Folder) -> int:
        return group.depth + (group.root != folder.path)

    def _direct(self, folder: _Folder) -> list[TableGroup]:
        """The tables of the files that lie in a folder itself."""
        known = [file for file in folder.files if file.found.format != UNKNOWN]
        files = [_single(file) for file in known or folder.files]
        alike = self._majority(files, of=len(files))
        if not alike and self._options.combine:
            formats = dict.fromkeys(file.format for file in files)
            return [_flat(folder.path, [file for file in files if file.format == each]) for each in formats]
        if not alike:
            return files
        joined = [group for group in files if group.format == alike[0].format]
        rest = [group for group in files if group.format != alike[0].format]
        return [_flat(folder.path, joined), *rest]

    def _majority(self, groups: Sequence[TableGroup], of: int) -> list[TableGroup]:
        """The groups that are like each other, if they are more than 70 % of all; none otherwise.

        None either if the groups are of too many kinds.
        """
        clusters: list[tuple[DataFormat, Schema, list[TableGroup]]] = []
        for group in groups:
            for number, (format_, schema, members) in enumerate(clusters):
                if format_ == group.format and self._alike(schema, group.schema):
                    members.append(group)
                    clusters[number] = format_, schema.merged_with(group.schema), members
                    break
            else:
                clusters.append((group.format, group.schema, [group]))
                if len(clusters) > _MOST_SCHEMAS:
                    return []
        largest = max((members for _, _, members in clusters), key=len, default=[])
        return largest if len(largest) > _MAJORITY * of else []

    def _alike(self, one: Schema, other: Schema) -> bool:
        return self._options.combine or one.is_similar_to(other)


def _flat(root: str, groups: Sequence[TableGroup]) -> TableGroup:
    """A table without partitions."""
    files = tuple(file for group in groups for file in group.files)
    return TableGroup(root, groups[0].format, merge_all(group.schema for group in groups), files)


def _partitioned(root: str, groups: Sequence[TableGroup]) -> TableGroup:
    """A table whose partitions are the groups' folders, or theirs."""
    table = _flat(root, groups)
    folders = []
    for group in groups:
        name = group.root[len(root) :].rstrip("/")
        if group.folders:
            folders += [((name, *values), files) for values, files in group.folders]
        else:
            folders.append(((name,), group.files))
    return TableGroup(root, table.format, table.schema, table.files, tuple(folders))
