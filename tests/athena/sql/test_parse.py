"""Statements of both grammars, and the texts of syntax errors."""

import pytest

from millpond.athena.sql import statements as st
from millpond.athena.sql.exceptions import AthenaSyntaxError, SqlError
from millpond.athena.sql.parse import parse_statement
from millpond.athena.sql.types import INTEGER, VARCHAR

DBT_PREFIX = '-- /* {"app": "dbt", "node_id": "model.shop.orders"} */\n'


@pytest.mark.parametrize(
    ("text", "kind", "types"),
    [
        ("select 1", st.Query, ("DML", "SELECT")),
        ("\n\nWITH x AS (SELECT 1) TABLE x;", st.Query, ("DML", "SELECT")),
        ("(select 1) union all (select 2) limit 1", st.Query, ("DML", "SELECT")),
        ("values (1, 'a')", st.Query, ("DML", "SELECT")),
        ("create table t as select 1 as a;", st.CreateTableAsSelect, ("DDL", "CREATE_TABLE_AS_SELECT")),
        ("insert into t (select a from s);", st.InsertInto, ("DML", "INSERT")),
        ('insert into t ("a", "b") values (1, null)', st.InsertInto, ("DML", "INSERT")),
        ("update awsdatacatalog.s.t set a = cast(b as bigint);", st.Update, ("DML", "UPDATE")),
        ("delete from t where a = 1", st.Delete, ("DML", "DELETE")),
        ("create or replace view v as select 1 a", st.CreateView, ("DDL", "CREATE_VIEW")),
        ('drop view if exists "awsdatacatalog"."s"."v"', st.DropView, ("DDL", "DROP_VIEW")),
        ("create schema if not exists `s`", st.CreateSchema, ("DDL", "CREATE_DATABASE")),
        ("DROP DATABASE s CASCADE", st.DropSchema, ("DDL", "DROP_DATABASE")),
        ("drop table if exists `s`.`t`", st.DropTable, ("DDL", "DROP_TABLE")),
        ("alter table `s`.`t` rename to `s`.`t__bkp`", st.AlterTableRename, ("DDL", "ALTER_TABLE")),
        ("alter table s.t add columns (`c` string)", st.AlterTableAddColumns, ("DDL", "ALTER_TABLE")),
        ("alter table s.t replace columns (c int)", st.AlterTableReplaceColumns, ("DDL", "ALTER_TABLE")),
        ("alter table a.s.t drop column c;", st.AlterTableDropColumn, ("DDL", "ALTER_TABLE")),
        ("alter table t unset tblproperties ('a')", st.AlterTableUnsetProperties, ("DDL", "ALTER_TABLE")),
        ("alter table t set location 's3://b/p/'", st.AlterTableSetLocation, ("DDL", "ALTER_TABLE")),
        ("show databases like 'a.*'", st.ShowDatabases, ("UTILITY", "SHOW_DATABASES")),
        ("show tables in s 'a*'", st.ShowTables, ("UTILITY", "SHOW_TABLES")),
        ("SHOW VIEWS", st.ShowViews, ("UTILITY", "SHOW_VIEWS")),
        ("show columns in t from s", st.ShowColumns, ("UTILITY", "SHOW_COLUMNS")),
        ("show partitions s.t", st.ShowPartitions, ("UTILITY", "SHOW_PARTITIONS")),
        ("show create table t", st.ShowCreateTable, ("UTILITY", "SHOW_CREATE_TABLE")),
        ("show tblproperties t('a')", st.ShowTableProperties, ("UTILITY", "SHOW_TBLPROPERTIES")),
        ("describe formatted s.t", st.Describe, ("UTILITY", "DESCRIBE_TABLE")),
        ("desc t", st.Describe, ("UTILITY", "DESCRIBE_TABLE")),
        ("msck repair table t", st.MsckRepairTable, ("DDL", "MSCK_REPAIR")),
        ("optimize s.t rewrite data using bin_pack where a > 1", st.Optimize, ("DML", "OPTIMIZE")),
        ("vacuum s.t", st.Vacuum, ("DML", "VACUUM")),
        ("explain select 1", st.Explain, ("DML", "EXPLAIN")),
        ("unload (select 1) to 's3://b/' with (format = 'PARQUET')", st.Unload, ("DML", "UNLOAD")),
        ("prepare p from select ?", st.Prepare, ("DDL", "PREPARE")),
        ("execute p using 'a', 1 + 1", st.Execute, ("DML", "EXECUTE")),
        ("deallocate prepare p", st.Deallocate, ("DDL", "DEALLOCATE")),
    ],
)
@pytest.mark.parametrize("prefix", ["", DBT_PREFIX])
def test_statement_is_recognised_with_athenas_types(text, kind, types, prefix):
    statement = parse_statement(prefix + text)
    assert type(statement) is kind
    assert (statement.statement_type, statement.substatement_type) == types
    assert statement.text == text.strip().rstrip(";")


def test_ctas_has_its_properties_and_its_query():
    statement = parse_statement(
        'create table "awsdatacatalog"."s"."t" with (table_type=\'hive\', is_external=true, bucket_count=5,'
        " partitioned_by=ARRAY['p', 'q']) as\n select 1 as a, 2 as p, 3 as q\n;"
    )
    assert statement.table.parts == ("awsdatacatalog", "s", "t")
    assert statement.properties == {
        "table_type": "hive",
        "is_external": True,
        "bucket_count": 5,
        "partitioned_by": ("p", "q"),
    }
    assert statement.query.text == "select 1 as a, 2 as p, 3 as q"


def test_external_table_has_columns_serde_location_and_properties():
    statement = parse_statement(
        "create external table `s`.`t` (`a` string comment 'first', b array<struct<x:int,y:string>>)"
        " partitioned by (day date) row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
        " with serdeproperties ('separatorChar' = '\\t') stored as textfile location 's3://b/t/'"
        ' tblproperties ("skip.header.line.count" = "1")'
    )
    assert [(column.name, column.type.hive) for column in statement.columns] == [
        ("a", "string"),
        ("b", "array<struct<x:int,y:string>>"),
    ]
    assert statement.columns[0] == st.ColumnDefinition("a", VARCHAR, "first")
    assert [column.name for column in statement.partition_columns] == ["day"]
    assert statement.row_format.properties == {"separatorChar": "\t"}
    assert statement.stored_as == "TEXTFILE"
    assert statement.location == "s3://b/t/"
    assert statement.properties == {"skip.header.line.count": "1"}


def test_delimited_row_format_becomes_the_serdes_properties():
    statement = parse_statement(
        "create external table t (a int) row format delimited fields terminated by '\\001' escaped by '\\\\'"
        " lines terminated by '\\n' null defined as '\\\\N' location 's3://b/t/'"
    )
    assert statement.row_format.properties == {
        "field.delim": "\x01",
        "serialization.format": "\x01",
        "escape.delim": "\\",
        "line.delim": "\n",
        "serialization.null.format": "\\N",
    }


def test_iceberg_table_keeps_its_transforms_as_text():
    statement = parse_statement(
        "CREATE TABLE s.t (id bigint, ts timestamp) PARTITIONED BY (day(ts), bucket(16, id), region)"
        " LOCATION 's3://b/t/' TBLPROPERTIES ('table_type' = 'ICEBERG')"
    )
    assert type(statement) is st.CreateIcebergTable
    assert statement.partitioning == ("day(ts)", "bucket(16, id)", "region")


def test_alter_table_change_column_names_old_new_and_place():
    statement = parse_statement(
        "alter table awsdatacatalog.s.t change column old new int comment 'c' after b"
    )
    assert statement.old_name == "old"
    assert statement.column == st.ColumnDefinition("new", INTEGER, "c")
    assert statement.after == "b"


def test_alter_table_add_partitions_has_values_and_locations():
    statement = parse_statement(
        "alter table t add if not exists partition (day = '2024-01-01', n = 2) location 's3://b/x/'"
        " partition (day = 'b')"
    )
    assert statement.if_not_exists
    assert statement.partitions == (
        st.PartitionLocation((("day", "2024-01-01"), ("n", "2")), "s3://b/x/"),
        st.PartitionLocation((("day", "b"),), None),
    )


def test_merge_has_its_cases_in_order():
    statement = parse_statement(
        "merge into t as target using (select 1 as id) as src on (target.id = src.id)"
        " when matched and (src.id > 5) then delete when matched then update set a = src.id"
        " when not matched then insert (id) values (src.id)"
    )
    assert statement.alias == "target"
    assert [(case.matched, case.action) for case in statement.cases] == [
        (True, "delete"),
        (True, "update"),
        (False, "insert"),
    ]


def test_parameters_are_counted():
    assert parse_statement("select ? from t where a = ? and b in (?, '?')").parameter_count == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("THIS IS", "line 1:1: mismatched input 'THIS'. Expecting: 'ALTER', 'ANALYZE', 'CALL',"),
        ("select * form t", "line 1:10: mismatched input 'form'. Expecting: ',', 'EXCEPT', 'FETCH', 'FROM',"),
        ("select 1 +", "line 1:11: mismatched input '<EOF>'. Expecting: <expression>"),
        ("select\n  a from", "line 2:9: mismatched input '<EOF>'. Expecting:"),
        ("select `a` from t", "line 1:8: backquoted identifiers are not supported; use double quotes"),
        ("select 1a", "line 1:8: identifiers must not start with a digit; surround the identifier with"),
        ("create external tabl t", "line 1:17: mismatched input 'tabl'. Expecting: 'TABLE'"),
        ("insert into t", "line 1:14: mismatched input '<EOF>'. Expecting: '(', '.', <query>"),
        ("select 1; select 2", "line 1:11: mismatched input 'select'. Expecting:"),
        ("pragma database_list", "line 1:1: mismatched input 'pragma'. Expecting:"),
        ("copy t to 'x'", "line 1:1: mismatched input 'copy'. Expecting:"),
        ("select a::int from t", "line 1:9: mismatched input ':'. Expecting:"),
        ("select a from t qualify a = 1", "line 1:25: mismatched input 'a'. Expecting:"),
        ("select * from read_csv('x')", "line 1:23: mismatched input '('. Expecting:"),
        ("select * from 'x.csv'", "line 1:15: mismatched input ''x.csv''. Expecting:"),
        ("select 'a' 'b'", "line 1:12: mismatched input ''b''. Expecting:"),
    ],
)
def test_syntax_error_has_athenas_text(text, message):
    with pytest.raises(AthenaSyntaxError) as caught:
        parse_statement(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("type_name", ["foo", "string", "struct<a:int>", "unsigned"])
def test_cast_to_a_type_that_trino_has_not_is_refused(type_name):
    with pytest.raises(SqlError):
        parse_statement(f"select cast(1 as {type_name})")
