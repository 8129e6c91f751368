"""What the DAG `maintain` leaves of a table that was written in many small steps."""

from __future__ import annotations

from mwaa_dags.pipelines import Pipelines

TABLE = "kept_small"
COPY = "kept_small__of_one_run"
WRITES = 6
"""More than the four small files that Athena lets be: optimize_rewrite_data_file_threshold is 5."""


def test_a_mart_of_many_small_files_becomes_one_file_of_one_snapshot_with_all_its_rows(
    pipelines: Pipelines,
) -> None:
    bucket = pipelines.outputs["marts_bucket"]
    for table in (TABLE, COPY):
        pipelines.query(
            f"CREATE TABLE {table} (n bigint) LOCATION 's3://{bucket}/{table}/' "
            "TBLPROPERTIES ('table_type' = 'ICEBERG', 'vacuum_max_snapshot_age_seconds' = '1')"
        )
        for n in range(WRITES):
            pipelines.query(f"INSERT INTO {table} VALUES ({n})")
    assert (_count(pipelines, f"{TABLE}$files"), _count(pipelines, f"{TABLE}$snapshots")) == (WRITES, WRITES)

    pipelines.run("maintain", pipelines.days[0])

    row = pipelines.runs("maintain")[-1]
    assert (row["status"], row["message"]) == ("succeeded", None)
    assert (_count(pipelines, f"{TABLE}$files"), _count(pipelines, f"{TABLE}$snapshots")) == (1, 1)
    assert sorted(int(row["n"]) for row in pipelines.query(f"SELECT n FROM {TABLE}")) == list(range(WRITES))
    s3 = pipelines.endpoint.client("s3")
    data = s3.list_objects_v2(Bucket=bucket, Prefix=f"{TABLE}/data/")["Contents"]
    assert len(data) == 1
    # A table of one run is left alone: the next run drops it.
    assert _count(pipelines, f"{COPY}$files") == WRITES


def _count(pipelines: Pipelines, table: str) -> int:
    (row,) = pipelines.query(f'SELECT count(*) AS n FROM "{table}"')
    return int(row["n"])
