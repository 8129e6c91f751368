"""UPDATE, DELETE and MERGE on Iceberg tables: the touched files are written anew, in one snapshot.

Athena itself leaves position deletes beside the old files; readers see the same rows either way.
"""

from __future__ import annotations

from millpond.athena.catalog import relation_of
from millpond.athena.engine import identifier
from millpond.athena.exceptions import MergeMatchedMultipleRows
from millpond.athena.iceberg.planning import plan_tasks
from millpond.athena.iceberg.scan import PATH, POSITION, scan_tasks
from millpond.athena.iceberg.write import append, committing, replace, write_data_files
from millpond.athena.run import StatementRun
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.plan import RowChangePlan

_CHANGES = "changed_rows"


def apply_changes(run: StatementRun, plan: RowChangePlan) -> int:
    """Apply a plan's changes and commit; answers how many rows were changed.

    Raises:
        NotSupported: The target is no Iceberg table.
        MergeMatchedMultipleRows: One row of the target is changed twice.
        IcebergCommitError: Another writer committed first.
    """
    context, session = run.context, run.context.session
    glue_table = context.glue.table(plan.target.database, plan.target.table)
    if glue_table.is_view or not glue_table.is_iceberg:
        raise NotSupported("Modifying Hive table rows is only supported for transactional tables")
    table = context.open_iceberg(glue_table)
    sql = plan.render({scan.placeholder: relation_of(context, scan) for scan in plan.scans})
    session.execute(f"CREATE OR REPLACE TEMP TABLE {_CHANGES} AS {sql}")
    try:
        [(count, twice)] = session.rows(
            f'SELECT count(*), count("$path") - count(DISTINCT CASE WHEN "$path" IS NOT NULL '
            f'THEN ("$path", "$position") END) FROM {_CHANGES}'
        )
        if twice:
            raise MergeMatchedMultipleRows
        if not count:
            return 0
        touched = {path for (path,) in session.rows(f'SELECT DISTINCT "$path" FROM {_CHANGES}') if path}
        tasks = [task for task in plan_tasks(table) if task.file.file_path in touched] if touched else []
        names = [column.name for column in plan.columns]
        columns = ", ".join(identifier(name) for name in names)
        kept = scan_tasks(context, table, tasks, [*names, PATH, POSITION])
        rows = (
            f"SELECT {columns} FROM ({kept}) AS kept WHERE NOT EXISTS (SELECT 1 FROM {_CHANGES} AS changed "
            f'WHERE changed."$path" = kept."$path" AND changed."$position" = kept."$position") '
            f"UNION ALL SELECT {columns} FROM {_CHANGES} WHERE \"$operation\" <> 'delete'"
        )
        files = write_data_files(context, table.metadata, table.location_provider(), rows)
        with committing():
            transaction = table.transaction()
            if tasks:
                replace(transaction, [task.file for task in tasks], files)
            else:
                append(transaction, files)
            transaction.commit_transaction()
        return int(count)
    finally:
        if not session.is_cancelled:
            session.execute(f"DROP TABLE IF EXISTS {_CHANGES}")
