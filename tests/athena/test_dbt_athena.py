"""dbt-athena's materializations and options: one project, built on two days, each option in its own words.

Every test writes its part of the project above it and says what two builds make of it. Between the builds
the source changes: an order goes, one changes, one comes, and there is a new column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from athena.athena_client import Lake
from athena.dbt_project import DbtProject, DbtRun
from athena.tpc import new_lake

FIRST_DAY = """
    SELECT id, CAST(customer AS varchar) AS customer, day FROM (VALUES
        (0, 'old', DATE '2023-12-31'), (1, 'ann', DATE '2024-01-01'), (2, 'bob', DATE '2024-01-01')
    ) AS t(id, customer, day)
"""
SECOND_DAY = """
    SELECT id, CAST(customer AS varchar) AS customer, day, 'web' AS channel FROM (VALUES
        (1, 'ann', DATE '2024-01-01'), (2, 'ben', DATE '2024-01-02'), (3, 'eve', DATE '2024-01-02')
    ) AS t(id, customer, day)
"""

PROJECT: dict[str, str] = {
    "models/sources.yml": """
sources:
  - name: shop
    schema: "{{ target.schema }}"
    tables:
      - name: orders
        config: {event_time: day}
"""
}


@dataclass(frozen=True)
class Builds:
    """The project and the lake after both builds, and what dbt said of each."""

    project: DbtProject
    lake: Lake
    first: DbtRun
    second: DbtRun

    def rows(self, sql: str) -> list[tuple[str | None, ...]]:
        """A query's rows after the second build."""
        return self.lake.rows(sql)

    def table(self, name: str) -> dict[str, Any]:
        """A table as Glue has it."""
        return dict(self.lake.glue.get_table(DatabaseName=self.lake.database, Name=name)["Table"])


@pytest.fixture(scope="module")
def builds(cloud: Any, tmp_path_factory: pytest.TempPathFactory) -> Builds:
    lake = new_lake(cloud)
    lake.athena.create_data_catalog(
        Name="registered_catalog", Type="GLUE", Parameters={"catalog-id": "000000000000"}
    )
    project = DbtProject(tmp_path_factory.mktemp("dbt"), lake, cloud.endpoint_url)
    project.write(PROJECT)
    runs = []
    for orders in (FIRST_DAY, SECOND_DAY):
        lake.run(f"CREATE OR REPLACE VIEW orders AS {orders}")
        runs.append(
            project.run("build", "--event-time-start", "2023-12-31", "--event-time-end", "2024-01-03")
        )
    return Builds(project, lake, *runs)


PROJECT["models/viewed.sql"] = "select id from {{ source('shop', 'orders') }}"


def test_view_follows_its_source(builds: Builds) -> None:
    assert builds.rows("SELECT id FROM viewed ORDER BY 1") == [("1",), ("2",), ("3",)]


PROJECT["models/hive_table.sql"] = """
{{ config(materialized='table', partitioned_by=['day'], bucketed_by=['id'], bucket_count=2,
          write_compression='SNAPPY') }}
select id, customer, day from {{ source('shop', 'orders') }}
"""


def test_hive_table_is_made_anew_with_its_partitions(builds: Builds) -> None:
    assert builds.rows("SELECT id, customer FROM hive_table ORDER BY id") == [
        ("1", "ann"),
        ("2", "ben"),
        ("3", "eve"),
    ]
    partitions = builds.rows("SHOW PARTITIONS hive_table")
    assert sorted(partitions) == [("day=2024-01-01",), ("day=2024-01-02",)]


def test_hive_table_leaves_no_file_of_the_first_build(builds: Builds) -> None:
    folder = builds.table("hive_table")["StorageDescriptor"]["Location"]
    kept = {path for (path,) in builds.rows('SELECT DISTINCT "$path" FROM hive_table')}
    prefix = folder.removeprefix(f"s3://{builds.lake.bucket}/")
    assert {builds.lake.uri(key) for key in builds.lake.keys(prefix)} == kept


PROJECT["models/ha_table.sql"] = """
{{ config(materialized='table', ha=true, s3_data_naming='schema_table_unique', partitioned_by=['day']) }}
select id, day from {{ source('shop', 'orders') }}
"""


def test_ha_table_is_swapped_and_its_helper_goes(builds: Builds) -> None:
    assert builds.rows("SELECT id FROM ha_table WHERE day > DATE '2024-01-01' ORDER BY 1") == [("2",), ("3",)]
    assert builds.rows("SHOW TABLES 'ha_table*'") == [("ha_table",)]


PROJECT["models/iceberg_table.sql"] = """
{{ config(materialized='table', table_type='iceberg', partitioned_by=['day(day)'],
          s3_data_naming='schema_table_unique') }}
select id, day from {{ source('shop', 'orders') }}
"""


def test_iceberg_table_is_replaced_by_renaming(builds: Builds) -> None:
    assert builds.rows("SELECT id FROM iceberg_table ORDER BY 1") == [("1",), ("2",), ("3",)]
    assert builds.rows("SHOW TABLES 'iceberg_table*'") == [("iceberg_table",)]


PROJECT["models/natively_dropped.sql"] = """
{{ config(materialized='table', table_type='iceberg', native_drop=true) }}
select id from {{ source('shop', 'orders') }}
"""


def test_table_is_dropped_by_athena_if_told_so(builds: Builds) -> None:
    assert builds.rows("SELECT id FROM natively_dropped ORDER BY 1") == [("1",), ("2",), ("3",)]
    pages = builds.lake.athena.get_paginator("list_query_executions").paginate()
    ids = [query_id for page in pages for query_id in page["QueryExecutionIds"]]
    dropped = f"drop table if exists `{builds.lake.database}`.`natively_dropped"
    assert any(
        dropped in builds.lake.athena.get_query_execution(QueryExecutionId=i)["QueryExecution"]["Query"]
        for i in ids
    )


PROJECT["models/registered.yml"] = """
sources:
  - name: registered
    database: registered_catalog
    schema: "{{ target.schema }}"
    tables: [{name: orders}]
"""
PROJECT["models/from_registered_catalog.sql"] = "select id from {{ source('registered', 'orders') }}"


def test_source_is_read_from_a_registered_data_catalog(builds: Builds) -> None:
    assert builds.rows("SELECT id FROM from_registered_catalog ORDER BY 1") == [("1",), ("2",), ("3",)]


PROJECT["models/many_partitions.sql"] = """
{{ config(materialized='table', partitioned_by=['n']) }}
select 'x' as value, n from unnest(sequence(1, 101)) as t(n)
"""


def test_more_than_a_hundred_partitions_are_written_in_batches(builds: Builds) -> None:
    assert builds.rows("SELECT count(*), count(DISTINCT n) FROM many_partitions") == [("101", "101")]


PROJECT["models/appended.sql"] = """
{{ config(materialized='incremental', incremental_strategy='append') }}
select id from {{ source('shop', 'orders') }}
"""


def test_append_adds_the_rows_of_each_build(builds: Builds) -> None:
    ids = [id_ for (id_,) in builds.rows("SELECT id FROM appended ORDER BY 1")]
    assert ids == ["0", "1", "1", "2", "2", "3"]


PROJECT["models/overwritten.sql"] = """
{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['day']) }}
select id, day from {{ source('shop', 'orders') }}
"""


def test_insert_overwrite_replaces_the_partitions_that_it_writes(builds: Builds) -> None:
    assert builds.rows("SELECT id, day FROM overwritten ORDER BY 1") == [
        ("0", "2023-12-31"),
        ("1", "2024-01-01"),
        ("2", "2024-01-02"),
        ("3", "2024-01-02"),
    ]


PROJECT["models/merged.sql"] = """
{{ config(materialized='incremental', incremental_strategy='merge', table_type='iceberg', unique_key='id',
          delete_condition="src.customer = 'ann'", update_condition="src.day > target.day") }}
select id, customer, day from {{ source('shop', 'orders') }}
"""


def test_merge_deletes_updates_and_inserts(builds: Builds) -> None:
    assert builds.rows("SELECT id, customer FROM merged ORDER BY 1") == [
        ("0", "old"),
        ("2", "ben"),
        ("3", "eve"),
    ]


PROJECT["models/in_batches.sql"] = """
{{ config(materialized='incremental', incremental_strategy='microbatch', partitioned_by=['day'],
          event_time='day', batch_size='day', begin='2023-12-31') }}
select id, day from {{ source('shop', 'orders') }}
"""


def test_microbatch_replaces_each_day(builds: Builds) -> None:
    assert builds.rows("SELECT id, day FROM in_batches ORDER BY 1") == [
        ("0", "2023-12-31"),
        ("1", "2024-01-01"),
        ("2", "2024-01-02"),
        ("3", "2024-01-02"),
    ]


PROJECT["models/widened_iceberg.sql"] = """
{{ config(materialized='incremental', incremental_strategy='append', table_type='iceberg',
          on_schema_change='sync_all_columns') }}
select * from {{ source('shop', 'orders') }}
"""
PROJECT["models/widened_hive.sql"] = """
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns') }}
select * from {{ source('shop', 'orders') }}
"""


@pytest.mark.parametrize("table", ["widened_hive", "widened_iceberg"])
def test_new_column_of_the_source_is_added(builds: Builds, table: str) -> None:
    rows = builds.rows(f"SELECT channel, count(*) FROM {table} GROUP BY channel ORDER BY channel")
    assert rows == [("web", "3"), (None, "3")]


PROJECT["models/narrowed.sql"] = """
{{ config(materialized='incremental', incremental_strategy='append', table_type='iceberg',
          on_schema_change='sync_all_columns') }}
select {% if is_incremental() %} cast(id as bigint) as id {% else %} id, customer {% endif %}
from {{ source('shop', 'orders') }}
"""


def test_schema_change_drops_a_column_and_changes_a_type(builds: Builds) -> None:
    found = builds.lake.run("SELECT * FROM narrowed ORDER BY id")
    assert found.columns == {"id": "bigint"}
    assert [id_ for (id_,) in found.rows] == ["0", "1", "1", "2", "2", "3"]


for kind in ("hive", "iceberg"):
    PROJECT[f"snapshots/history_{kind}.sql"] = f"""
{{% snapshot history_{kind} %}}
{{{{ config(unique_key='id', strategy='check', check_cols=['customer'], table_type='{kind}') }}}}
select id, customer from {{{{ source('shop', 'orders') }}}}
{{% endsnapshot %}}
"""


@pytest.mark.parametrize("table", ["history_hive", "history_iceberg"])
def test_snapshot_ends_the_version_that_changed(builds: Builds, table: str) -> None:
    rows = builds.rows(f"SELECT id, customer, dbt_valid_to IS NULL FROM {table} ORDER BY 1, 2 DESC")
    assert rows == [
        ("0", "old", "true"),
        ("1", "ann", "true"),
        ("2", "bob", "false"),
        ("2", "ben", "true"),
        ("3", "eve", "true"),
    ]


PROJECT["seeds/uploaded.csv"] = 'id,name,since,rate\n1,"a ""quoted"", name",2024-01-31,0.5\n2,,,\n'
PROJECT["seeds/inserted.csv"] = PROJECT["seeds/uploaded.csv"]
PROJECT["seeds/seeds.yml"] = """
seeds:
  - name: inserted
    config: {seed_by_insert: true}
"""


@pytest.mark.parametrize("seed", ["uploaded", "inserted"])
def test_seed_has_its_rows_and_types(builds: Builds, seed: str) -> None:
    found = builds.lake.run(f"SELECT * FROM {seed} ORDER BY id")
    assert found.rows == [("1", 'a "quoted", name', "2024-01-31", "0.5"), ("2", None, None, None)]
    assert found.columns == {"id": "integer", "name": "varchar", "since": "date", "rate": "double"}


PROJECT["models/described.sql"] = """
{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}) }}
select id, customer from {{ source('shop', 'orders') }}
"""
PROJECT["models/promised.sql"] = "{{ config(materialized='table') }} select 1 as id, 'x' as name"
PROJECT["models/broken_promise.sql"] = "{{ config(materialized='table') }} select 'x' as id"
PROJECT["models/models.yml"] = """
models:
  - name: described
    description: The orders, described.
    columns:
      - name: id
        description: The order's number.
  - name: promised
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer}
      - {name: name, data_type: varchar}
  - name: broken_promise
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer}
  - name: hive_table
    columns:
      - name: customer
        data_tests:
          - accepted_values:
              name: known_customers
              arguments: {values: [ann, bob]}
              config: {store_failures: true, severity: warn}
unit_tests:
  - name: view_keeps_every_order
    model: viewed
    given:
      - input: source('shop', 'orders')
        rows: [{id: 7}, {id: 8}]
    expect:
      rows: [{id: 7}, {id: 8}]
"""


def test_descriptions_are_persisted_in_glue(builds: Builds) -> None:
    table = builds.table("described")
    assert table["Description"] == table["Parameters"]["comment"] == "The orders, described."
    columns = {column["Name"]: column.get("Comment") for column in table["StorageDescriptor"]["Columns"]}
    assert columns == {"id": "The order's number.", "customer": None}


def test_contract_that_holds_is_built_and_one_that_does_not_is_refused(builds: Builds) -> None:
    assert builds.second.status("promised") == "success"
    assert builds.second.status("broken_promise") == "error"
    assert "data type mismatch" in builds.second.message("broken_promise")


def test_failures_of_a_test_are_stored(builds: Builds) -> None:
    assert builds.second.status("known_customers") == "warn"
    audit = f"{builds.lake.database}_dbt_test__audit"
    assert builds.rows(f"SELECT value_field FROM {audit}.known_customers ORDER BY 1") == [("ben",), ("eve",)]


def test_unit_test_runs_on_given_rows(builds: Builds) -> None:
    assert builds.first.status("viewed") == "success"
    assert builds.first.results["view_keeps_every_order"]["status"] == "pass"


def test_all_else_of_both_builds_succeeds(builds: Builds) -> None:
    for run in (builds.first, builds.second):
        failed = {
            node for node, result in run.results.items() if result["status"] in ("error", "fail", "skipped")
        }
        assert failed == {"broken_promise"}, run.output


def test_docs_describe_columns_and_kinds_of_relations(builds: Builds) -> None:
    builds.project.run("docs", "generate", "--no-compile")
    documented = builds.project.artifact("catalog.json")
    registered = documented["sources"]["source.options.registered.orders"]
    assert sorted(registered["columns"]) == ["channel", "customer", "day", "id"]
    nodes = documented["nodes"]
    kinds = {
        name: nodes[f"model.options.{name}"]["metadata"]["type"]
        for name in ("viewed", "hive_table", "iceberg_table")
    }
    assert kinds == {"viewed": "view", "hive_table": "table", "iceberg_table": "iceberg_table"}
    columns = nodes["model.options.hive_table"]["columns"]
    assert {name: column["type"] for name, column in columns.items()} == {
        "id": "int",
        "customer": "string",
        "day": "date",
    }
