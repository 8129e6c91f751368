"""What a statement cannot do, whatever its quotes: name a thing of DuckDB's, or bring the process down."""

import pytest

from millpond.athena.sql.exceptions import SqlError


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM \"read_csv\"('/etc/passwd')",
        "SELECT * FROM READ_PARQUET('/etc/passwd')",
        "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
        "SELECT * FROM TABLE(\"read_text\"('/etc/passwd'))",
        "SELECT * FROM '/etc/passwd'",
        'SELECT * FROM "/etc/passwd"',
        'SELECT * FROM "duckdb_tables"',
        "SELECT * FROM sqlite_master",
        "SELECT \"getenv\"('HOME')",
        "SELECT system.main.\"getenv\"('HOME')",
        "SELECT U&\"getenv\"('HOME')",
        "SELECT getvariable('x')",
        "SELECT athena_fail('A', 'b')",
        "SELECT \"athena_py_sha512\"(X'00')",
        "SELECT list_transform(ARRAY[1], x -> x)",
        "SELECT COLUMNS('.*') FROM orders",
        "SELECT * EXCLUDE (id) FROM orders",
        "SELECT 1::integer",
        "SELECT $$a$$",
        "SELECT 1; COPY orders TO '/tmp/x'",
        "SELECT date_trunc('day'' || getenv(''HOME'') --', current_date)",
        "SELECT current_timestamp AT TIME ZONE 'UTC'' || getenv(''HOME'') --'",
        "SELECT json_value('{}', 'lax $.\"a\"''; DROP TABLE x')",
    ],
)
def test_nothing_of_duckdb_is_reached(run_sql, statement):
    with pytest.raises(SqlError):
        run_sql(statement)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("'''; ATTACH ''/tmp/x'", "'; ATTACH '/tmp/x"),
        ("format('%s'' || getenv(''HOME'') || ''', 'x')", "x' || getenv('HOME') || '"),
        (
            "date_format(timestamp '2020-01-01 00:00:00', '%Y'' || getenv(''HOME'') --')",
            "2020' || getenv('HOME') --",
        ),
        ('array_join(transform(ARRAY[1], "x""; --" -> "x""; --" + 1), \'\'\'\')', "2"),
        ('CAST(ROW(1) AS ROW("a""b; DROP" integer))."a""b; DROP"', 1),
        ("json_extract_scalar('{\"a''b\": 1}', '$[\"a''b\"]')", "1"),
        (
            "typeof(CAST(ROW(1) AS ROW(\"x' || getenv('HOME') || '\" integer)))",
            "row(x' || getenv('HOME') || ' integer)",
        ),
        ('CAST(NULL AS ROW("a"" INTEGER)), getenv(\'HOME\'), CAST(NULL AS STRUCT(""b" integer))', None),
    ],
)
def test_quotes_end_nothing(run_sql, expression, answer):
    assert run_sql(f'SELECT {expression} AS "x""; COPY (SELECT 1) TO \'/tmp/y\' --"').rows == [(answer,)]


def _nested(before, middle, after, times):
    return f"SELECT {before * times}{middle}{after * times}"


@pytest.mark.parametrize(
    "statement",
    [
        _nested("(", "1", ")", 100_000),
        _nested("abs(", "1", ")", 3000),
        _nested("- ", "1", "", 5000),
        _nested("NOT ", "true", "", 5000),
        _nested("CASE WHEN true THEN ", "1", " END", 2000),
        _nested("ARRAY[", "1", "]", 2000),
        _nested("zip_with(ARRAY[1], ", "ARRAY[1]", ", (x, y) -> x)", 600),
        " UNION ALL ".join(["SELECT 1"] * 3000),
        f"SELECT JSON '{'[' * 100_000}{']' * 100_000}'",
        f"SELECT json_parse('{'[' * 100_000}{']' * 100_000}')",
        f"SELECT json_value('{{}}', 'lax {'(' * 5000}${')' * 5000}')",
    ],
    ids=lambda statement: statement[:30],
)
def test_statement_that_nests_too_deep_is_an_error(run_sql, statement):
    with pytest.raises(SqlError):
        run_sql(statement)


def test_lambdas_that_nest_take_no_longer_than_they_are(run_sql):
    answer = 1
    for _ in range(12):
        answer = [answer]
    assert run_sql(_nested("transform(ARRAY[1], x -> ", "x", ")", 12)).rows == [(answer,)]
