"""Which data files of a snapshot a scan reads, each with the delete files that concern it.

PyIceberg filters the manifests; it plans no deletes by equality, as Flink writes them.

https://iceberg.apache.org/spec/#scan-planning
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from pyiceberg.expressions import AlwaysTrue, BooleanExpression
from pyiceberg.manifest import INITIAL_SEQUENCE_NUMBER, DataFile, DataFileContent, ManifestEntry
from pyiceberg.table import ManifestGroupPlanner, Table
from pyiceberg.table.delete_file_index import DeleteFileIndex


@dataclass(frozen=True)
class ScanTask:
    """A data file, and what deletes some of its rows.

    Attributes:
        file: The data file.
        position_deletes: Files that name deleted rows by their places.
        equality_deletes: Files with values: rows that have them are deleted.
    """

    file: DataFile
    position_deletes: Sequence[DataFile]
    equality_deletes: Sequence[DataFile]

    @property
    def delete_files(self) -> Sequence[DataFile]:
        """The delete files of either kind."""
        return (*self.position_deletes, *self.equality_deletes)


def plan_tasks(
    table: Table, snapshot_id: int | None = None, filter_: BooleanExpression | None = None
) -> list[ScanTask]:
    """The data files of a snapshot (the current one if None) that may hold rows of a filter."""
    snapshot = table.current_snapshot() if snapshot_id is None else table.snapshot_by_id(snapshot_id)
    if snapshot is None:
        return []
    planner = ManifestGroupPlanner(table.metadata, table.io, filter_ or AlwaysTrue(), case_sensitive=False)
    data: list[ManifestEntry] = []
    positions = DeleteFileIndex()
    equalities: list[ManifestEntry] = []
    for entry in itertools.chain.from_iterable(planner.plan_manifest_entries(snapshot.manifests(table.io))):
        file = entry.data_file
        if file.content == DataFileContent.DATA:
            data.append(entry)
        elif file.content == DataFileContent.POSITION_DELETES:
            positions.add_delete_file(entry, partition_key=file.partition)
        else:
            equalities.append(entry)
    unpartitioned = {spec_id for spec_id, spec in table.specs().items() if not spec.fields}
    return [
        ScanTask(
            entry.data_file,
            sorted(
                positions.for_data_file(_sequence_number(entry), entry.data_file, entry.data_file.partition),
                key=lambda file: file.file_path,
            ),
            [e.data_file for e in equalities if _deletes_equals(e, entry, unpartitioned)],
        )
        for entry in data
    ]


def _deletes_equals(delete: ManifestEntry, data: ManifestEntry, unpartitioned: set[int]) -> bool:
    """Only rows that were there before are deleted, in the same partition or, without one, everywhere."""
    if _sequence_number(delete) <= _sequence_number(data):
        return False
    return delete.data_file.spec_id in unpartitioned or (
        (delete.data_file.spec_id, delete.data_file.partition)
        == (data.data_file.spec_id, data.data_file.partition)
    )


def _sequence_number(entry: ManifestEntry) -> int:
    """Tables of the first version have none."""
    return entry.sequence_number or INITIAL_SEQUENCE_NUMBER
