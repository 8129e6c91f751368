"""Views, schemas and the statements that show the catalog."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            "REPLACE COLUMNS (n string, s string)",
            "column [n] of type varchar projected from query view at position 0 cannot be coerced to "
            "column [n] of type integer stored in view definition",
        ),
        (
            "ADD COLUMNS (later int)",
            "stored view column count (2) does not match column count derived from the view query "
            "analysis (3)",
        ),
        (
            "REPLACE COLUMNS (m int, s string)",
            "column [m] of type integer projected from query view at position 0 has a different name from "
            "column [n] of type integer stored in view definition",
        ),
    ],
)
def test_view_whose_columns_have_changed_is_stale(lake: Lake, change: str, reason: str) -> None:
    lake.run(f"CREATE EXTERNAL TABLE t (n int, s string) LOCATION '{lake.uri('t/')}'")
    lake.run("CREATE VIEW v AS SELECT * FROM t")
    lake.run(f"ALTER TABLE t {change}")
    stale = f"View 'awsdatacatalog.{lake.database}.v' is stale or in invalid state"
    assert lake.error("SELECT * FROM v") == f"VIEW_IS_STALE: line 1:15: {stale}: {reason}"


def test_view_keeps_the_types_that_it_was_created_with(lake: Lake) -> None:
    lake.run(f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}') AS SELECT BIGINT '1' AS n")
    lake.run("CREATE VIEW v AS SELECT n FROM t")
    lake.run("ALTER TABLE t REPLACE COLUMNS (n int)")
    found = lake.run("SELECT n, typeof(n) FROM v")
    assert (found.columns["n"], found.rows) == ("bigint", [("1", "bigint")])


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
    column = "a                   \tint                 \tfirst               "
    key = "p                   \tstring              \t                    "
    header = "# col_name            \tdata_type           \tcomment             "
    of_keys = ["\t \t ", "# Partition Information\t \t ", header, "\t \t ", key]
    assert [line for (line,) in lake.rows("DESCRIBE t")] == [column, key, *of_keys]
    formatted = [line for (line,) in lake.rows("DESCRIBE FORMATTED t")]
    details = [
        "\t \t ",
        "# Detailed Table Information\t \t ",
        f"Database:           \t{lake.database:<20}\t ",
    ]
    assert formatted[:11] == [header, "\t \t ", column, *of_keys, *details]
    extended = str(lake.rows("DESCRIBE EXTENDED t")[-1][0])
    assert extended.startswith(f"Detailed Table Information\tTable(tableName:t, dbName:{lake.database}, ")
    assert "cols:[FieldSchema(name:a, type:int, comment:first)], location:s3://" in extended


def test_describe_of_an_iceberg_table_is_not_padded_and_tells_its_transforms(lake: Lake) -> None:
    lake.run(
        "CREATE TABLE t (n int COMMENT 'number', d decimal(10,2), s struct<a:int,b:string>) "
        f"PARTITIONED BY (bucket(4, n)) LOCATION '{lake.uri('t')}' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    lines = [line for (line,) in lake.rows("DESCRIBE t")]
    assert lines == [
        "# Table schema:\t\t",
        "# col_name\tdata_type\tcomment",
        "n\tint\tnumber",
        "d\tdecimal(10, 2)\t",
        "s\tstruct<a: int, b: string>\t",
        "\t\t",
        "# Partition spec:\t\t",
        "# field_name\tfield_transform\tcolumn_name",
        "n_bucket\tbucket[4]\tn",
    ]
    formatted = [line for (line,) in lake.rows("DESCRIBE FORMATTED t")]
    assert formatted[: len(lines)] == lines
    assert f"Location:\t{lake.uri('t')}\t" in formatted
    assert lake.rows("SHOW COLUMNS IN t") == [("n",), ("d",), ("s",)]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("s", [("x", "int"), ("l", "array<string>")]),
        ("s.l", [("l", "array<string>")]),
        ("s.l.'$elem$'", [("$elem$", "string")]),
        ("m.$value$", [("z", "date")]),
        ("m.$value$.z", [("z", "date")]),
        ("m.'$key$'", [("$key$", "string")]),
    ],
)
def test_describe_goes_into_a_column(lake: Lake, path: str, lines: list[tuple[str, str]]) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (s struct<x:int,l:array<string>>, m map<string,struct<z:date>>) "
        f"LOCATION '{lake.uri('t/')}'"
    )
    described = [tuple(str(line).split("\t")) for (line,) in lake.rows(f"DESCRIBE t {path}")]
    assert [(name.strip(), type_.strip()) for name, type_, _ in described] == lines
    assert {comment.strip() for *_, comment in described} == {"from deserializer"}
    assert "Unknown type for nothing" in lake.error("DESCRIBE t s.nothing")


def test_describe_of_a_view_has_trinos_types(lake: Lake) -> None:
    lake.run("CREATE VIEW v AS SELECT 1 AS n, 'a' AS s")
    described = lake.run("DESCRIBE v")
    assert described.rows == [("n\tinteger",), ("s\tvarchar(1)",)]
    assert described.columns == {"column": "varchar", "type": "varchar"}


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


def test_information_schema_leaves_out_views_that_are_none_of_athenas(lake: Lake) -> None:
    lake.run("CREATE VIEW v AS SELECT 1 AS n")
    of_hive = {"Name": "h", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": "SELECT 1"}
    lake.glue.create_table(DatabaseName=lake.database, TableInput=of_hive)
    condition = f"WHERE table_schema = '{lake.database}'"
    assert lake.rows(f"SELECT table_name, view_definition FROM information_schema.views {condition}") == [
        ("v", "SELECT 1 AS n")
    ]
    assert lake.rows(f"SELECT column_name FROM information_schema.columns {condition}") == [("n",)]
    assert "was not made by Athena" in lake.error("SELECT * FROM h")
