"""Views, schemas and the statements that show the catalog."""

from __future__ import annotations

from athena.athena_client import Lake


def test_view_runs_its_query_and_can_be_replaced(lake: Lake) -> None:
    lake.run("CREATE VIEW v AS SELECT 1 AS n")
    lake.run(f'CREATE OR REPLACE VIEW "awsdatacatalog"."{lake.database}"."v" AS SELECT 2 AS n, \'x\' AS s')
    assert lake.rows("SELECT * FROM v") == [("2", "x")]


def test_view_is_stored_as_presto_stores_it(lake: Lake) -> None:
    lake.run("CREATE VIEW v AS SELECT 1 AS n")
    table = lake.glue.get_table(DatabaseName=lake.database, Name="v")["Table"]
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert table["ViewOriginalText"].startswith("/* Presto View: ")
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "n", "Type": "int"}]


def test_view_that_exists_is_not_replaced_unasked(lake: Lake) -> None:
    lake.run("CREATE VIEW v AS SELECT 1 AS n")
    assert lake.error("CREATE VIEW v AS SELECT 2 AS n").startswith("ALREADY_EXISTS")


def test_schema_with_tables_is_dropped_only_with_cascade(lake: Lake) -> None:
    name = f"{lake.database}_more"
    lake.run(f"CREATE SCHEMA IF NOT EXISTS `{name}`")
    lake.run(f"CREATE VIEW {name}.v AS SELECT 1 AS n")
    assert "is not empty" in lake.error(f"DROP SCHEMA `{name}`")
    lake.run(f"DROP SCHEMA IF EXISTS `{name}` CASCADE")
    assert (name,) not in lake.rows("SHOW DATABASES")


def test_describe_pads_names_and_lists_partition_columns(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (a int COMMENT 'first') PARTITIONED BY (p string) "
        f"LOCATION '{lake.uri('t/')}'"
    )
    lines = [line for (line,) in lake.rows("DESCRIBE t")]
    assert lines[0] == "a                   \tint                 \tfirst               "
    assert lines[1] == "p                   \tstring              \t                    "
    assert lines[3].startswith("# Partition Information")


def test_show_create_table_can_be_run_again(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (a int, b array<string>) PARTITIONED BY (p string) STORED AS PARQUET "
        f"LOCATION '{lake.uri('t/')}' TBLPROPERTIES ('classification'='parquet')"
    )
    text = "\n".join(str(line) for (line,) in lake.rows("SHOW CREATE TABLE t"))
    before = lake.glue.get_table(DatabaseName=lake.database, Name="t")["Table"]
    lake.run("DROP TABLE t")
    lake.run(text.replace(f"`{lake.database}.t`", f"`{lake.database}`.`t`"))
    after = lake.glue.get_table(DatabaseName=lake.database, Name="t")["Table"]
    assert after["StorageDescriptor"] == before["StorageDescriptor"]
    assert after["Parameters"] == before["Parameters"]


def test_show_tables_takes_a_pattern(lake: Lake) -> None:
    for name in ("stg_a", "stg_b", "other"):
        lake.run(f"CREATE VIEW {name} AS SELECT 1 AS n")
    assert lake.rows("SHOW TABLES 'stg*'") == [("stg_a",), ("stg_b",)]
    assert lake.rows(f"SHOW VIEWS IN {lake.database}") == [("other",), ("stg_a",), ("stg_b",)]


def test_information_schema_lists_columns_with_trino_types(lake: Lake) -> None:
    lake.run(f"CREATE EXTERNAL TABLE t (a array<int>) PARTITIONED BY (p date) LOCATION '{lake.uri('t/')}'")
    rows = lake.rows(
        'SELECT column_name, data_type, extra_info FROM "awsdatacatalog"."information_schema"."columns" '
        f"WHERE table_schema = '{lake.database}' ORDER BY ordinal_position"
    )
    assert rows == [("a", "array(integer)", None), ("p", "date", "partition key")]
