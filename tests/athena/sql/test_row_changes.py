"""UPDATE, DELETE, MERGE and INSERT: which rows change, and into what."""

from decimal import Decimal

import pytest

from millpond.athena.sql.exceptions import SqlError


def test_delete_gives_the_addresses_of_rows(run_sql):
    result = run_sql("DELETE FROM orders WHERE day > DATE '2024-02-01'")
    assert [row[:3] for row in result.rows] == [("delete", "b.parquet", 0)]
    assert result.plan.scans[0].partition_filter == "(\"day\" > CAST('2024-02-01' AS DATE))"


def test_update_gives_new_values_beside_old_ones(run_sql):
    result = run_sql("UPDATE orders SET customer = upper(customer), amount = NULL WHERE id = 1")
    assert [row[:5] for row in result.rows] == [("update", "a.parquet", 0, 1, "ANN")]
    assert result.rows[0][6] is None


def test_update_refuses_a_value_of_another_type(run_sql):
    with pytest.raises(SqlError, match=r"Table: \[varchar\], Expressions: \[integer\]"):
        run_sql("UPDATE orders SET customer = 5")


def test_merge_takes_the_first_case_that_fits(run_sql):
    result = run_sql(
        "MERGE INTO orders AS target USING (VALUES (1, 'x'), (2, 'y'), (9, 'z')) AS src (id, who)"
        " ON target.id = src.id WHEN MATCHED AND src.who = 'x' THEN DELETE"
        " WHEN MATCHED THEN UPDATE SET customer = src.who"
        " WHEN NOT MATCHED THEN INSERT (id, customer) VALUES (src.id, src.who)"
    )
    changes = sorted((row[0], row[1], row[2], row[3], row[4], row[6]) for row in result.rows)
    assert changes == [
        ("delete", "a.parquet", 0, None, None, None),
        ("insert", None, None, 9, "z", None),
        ("update", "a.parquet", 1, 2, "y", Decimal("20.25")),
    ]


def test_merge_refuses_two_sources_for_one_row(run_sql):
    with pytest.raises(SqlError, match="One MERGE target table row matched more than one source row"):
        run_sql("MERGE INTO orders USING lines ON orders.id = lines.id WHEN MATCHED THEN DELETE")


def test_insert_puts_columns_in_the_tables_order_and_types(run_sql):
    result = run_sql("INSERT INTO lines (quantity, id) VALUES (7, 1)")
    assert [(column.name, column.type.trino) for column in result.columns] == [
        ("id", "integer"),
        ("quantity", "bigint"),
    ]
    assert result.rows == [(1, 7)]


def test_insert_leaves_unnamed_columns_null(run_sql):
    assert run_sql("INSERT INTO lines (id) SELECT id FROM orders WHERE id = 2").rows == [(2, None)]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("BIGINT '7'", 7),
        ("DECIMAL '7'", 7),
        ("7.5", 8),
        ("2.5E0", 3),
        ("NULL", None),
    ],
)
def test_insert_stores_what_fits_the_column(run_sql, value, stored):
    assert run_sql(f"INSERT INTO lines (id) VALUES {value}").rows == [(stored, None)]


def test_insert_takes_the_local_time_of_a_zoned_timestamp(run_sql):
    zoned = "TIMESTAMP '2024-01-31 23:00:00 -03:00'"
    [row] = run_sql(f"INSERT INTO orders (day) VALUES {zoned}").rows
    assert str(row[2]) == "2024-01-31"


def test_update_stores_what_fits_the_column(run_sql):
    result = run_sql("UPDATE orders SET id = BIGINT '9' WHERE id = 1")
    assert [row[3] for row in result.rows] == [9]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "INSERT INTO lines VALUES (1, 'x')",
            r"Table: \[integer, bigint\], Query: \[integer, varchar\(1\)\]",
        ),
        ("INSERT INTO lines VALUES (1)", "Insert query has 1 expression"),
        ("INSERT INTO lines (nope) VALUES (1)", "Insert column name does not exist in target table: nope"),
        ("INSERT INTO totals VALUES (1, 2)", "Inserting into views is not supported"),
    ],
)
def test_insert_that_does_not_fit_is_refused(run_sql, text, message):
    with pytest.raises(SqlError, match=message):
        run_sql(text)
