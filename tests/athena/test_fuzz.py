"""Nonsense in, errors out: no statement and no request crashes, hangs or reaches beyond the lake."""

from __future__ import annotations

import bz2
import gzip
import http.client
import io
import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from athena.athena_client import Lake

STATEMENTS = (
    "SELECT a, count(*) AS c FROM t WHERE a > 1 AND b LIKE 'x%' GROUP BY a HAVING count(*) > 0 "
    "ORDER BY 2 DESC LIMIT 5",
    "WITH x AS (SELECT 1 AS n UNION ALL SELECT 2) SELECT x.n, t.b FROM x LEFT JOIN t ON x.n = t.a",
    "SELECT transform(ARRAY[1, 2], v -> v + 1), map(ARRAY['k'], ARRAY[1])['k'], CAST(ROW(1, "
    "'x') AS ROW(a int, b varchar)).b",
    "SELECT date_add('day', 1, DATE '2024-01-01'), date_format(now(), '%Y-%m'), INTERVAL '1' "
    "DAY, TIMESTAMP '2024-01-01 00:00:00'",
    "SELECT rank() OVER (PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
    "SELECT * FROM UNNEST(ARRAY[1, 2], ARRAY['a']) WITH ORDINALITY AS u(x, y, z) CROSS JOIN t",
    "SELECT CASE WHEN a = 1 THEN 'one' ELSE CAST(a AS varchar) END, coalesce(b, 'n'), try(1 / "
    "0), json_extract('{\"a\":1}', '$.a') FROM t",
    "CREATE EXTERNAL TABLE u (n int, s struct<a:int,b:array<string>>) PARTITIONED BY (p date) "
    "STORED AS PARQUET LOCATION 's3://nowhere/x/'",
    "CREATE TABLE c WITH (format='PARQUET', partitioned_by=ARRAY['p']) AS SELECT 1 AS n, 'x' AS p",
    "INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL)",
    "MERGE INTO i USING (SELECT 1 AS n) s ON i.n = s.n WHEN MATCHED THEN DELETE WHEN NOT "
    "MATCHED THEN INSERT (n) VALUES (s.n)",
    "ALTER TABLE t ADD PARTITION (p='1') LOCATION 's3://nowhere/p=1/'",
    "UNLOAD (SELECT 1 AS n) TO 's3://nowhere/u/' WITH (format='JSON', compression='GZIP')",
    "SHOW TABLES IN x '.*'",
    "EXPLAIN ANALYZE SELECT 1",
    "OPTIMIZE i REWRITE DATA USING BIN_PACK WHERE n = 1",
)
SPLINTERS = (
    *(
        "'",
        '"',
        "`",
        "''",
        '"a""b"',
        ";",
        "--",
        "/*",
        "*/",
        "\\",
        "\0",
        "\n",
        "(",
        ")",
        "[",
        "]",
        "?",
        "@",
        "$$",
    ),
    *(
        "é",
        "\U0001f600",
        "\u2028",
        "NULL",
        "-1",
        "1e400",
        "99999999999999999999",
        "0x1",
        "U&'\\0041'",
        "X'0'",
    ),
    *("SELECT", "FROM", "DISTINCT", "read_text", "'; DROP TABLE t; --", "::int", "->", "=>", "%s", "{}", "*"),
)


def split(statement: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", statement)


def mangled(dice: random.Random) -> str:
    words = split(dice.choice(STATEMENTS))
    for _ in range(dice.randint(1, 2)):
        at = dice.randrange(len(words))
        change = dice.randrange(8)
        if change == 0:
            words[at] = dice.choice(SPLINTERS)
        elif change == 1:
            words.insert(at, dice.choice(SPLINTERS))
        elif change == 2:
            words[at : at + dice.randint(1, 5)] = ["x"]
        else:  # a word for a word: what comes out often parses
            places = [place for place, word in enumerate(words) if word.isalnum()]
            others = [word for word in split(dice.choice(STATEMENTS)) if word.isalnum()]
            if places:
                words[dice.choice(places)] = dice.choice(others)
    return "".join(words)


def start(lake: Lake, sql: str) -> str | None:
    """The query's id, None if Athena refuses the statement at once."""
    try:
        return lake.start(sql)
    except lake.athena.exceptions.InvalidRequestException:
        return None


def failed_inside(execution: dict[str, Any]) -> bool:
    """Whether a query failed for a reason that is not the user's."""
    return execution["Status"].get("AthenaError", {}).get("ErrorCategory") == 1


@pytest.fixture
def tables(lake: Lake) -> Lake:
    lake.run(
        f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}') AS "
        "SELECT 1 AS a, CAST('x' AS varchar) AS b"
    )
    lake.run(f"CREATE TABLE i (n int) LOCATION '{lake.uri('i')}' TBLPROPERTIES ('table_type'='ICEBERG')")
    return lake


def test_mangled_statements_end_in_time_with_an_error_or_a_result(tables: Lake) -> None:
    dice = random.Random(20240229)
    refused, started = 0, []
    for _ in range(400):
        query = start(tables, mangled(dice))
        if query is None:
            refused += 1
        else:
            started.append(query)
    ended = [tables.wait(query) for query in started]
    assert {execution["Status"]["State"] for execution in ended} <= {"SUCCEEDED", "FAILED"}
    assert [execution for execution in ended if failed_inside(execution)] == []
    assert refused > 50
    assert len(started) > 50
    assert tables.rows("SELECT 1") == [("1",)]


def text_rows(separator: str, compress: Callable[[bytes], bytes] = bytes) -> bytes:
    return compress("".join(f"{n}{separator}x{n}\n" for n in range(50)).encode())


def written(write: Callable[[pa.Table, io.BytesIO], None]) -> bytes:
    buffer = io.BytesIO()
    write(pa.table({"a": list(range(50)), "b": [f"x{n}" for n in range(50)]}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("storage", "key", "content"),
    [
        ("STORED AS PARQUET", "f", written(parquet.write_table)),
        ("STORED AS ORC", "f", written(orc.write_table)),
        ("ROW FORMAT DELIMITED FIELDS TERMINATED BY ','", "f.csv", text_rows(",")),
        ("ROW FORMAT DELIMITED FIELDS TERMINATED BY ','", "f.csv.gz", text_rows(",", gzip.compress)),
        ("ROW FORMAT DELIMITED FIELDS TERMINATED BY ','", "f.csv.bz2", text_rows(",", bz2.compress)),
        ("ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'", "f.csv", text_rows('","')),
        ("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", "f.json", b'{"a": 1, "b": "x"}\n' * 50),
        ("STORED AS AVRO", "f", b"Obj\x01\x02\x16avro.schema\x04{}\x00" + bytes(16)),
    ],
)
def test_broken_files_are_bad_data_and_no_failure_inside(
    lake: Lake, storage: str, key: str, content: bytes
) -> None:
    dice = random.Random(5)
    broken = [dice.randbytes(100), content[: len(content) // 2], content[7:], b"\xff\xfe\0" * 20, b"PAR1"]
    for _ in range(3):
        changed = bytearray(content)
        for _ in range(3):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        broken.append(bytes(changed))
    queries = []
    for number, body in enumerate(broken):
        lake.put(f"t{number}/{key}", body)
        location = lake.uri(f"t{number}/")
        lake.run(f"CREATE EXTERNAL TABLE t{number} (a int, b string) {storage} LOCATION '{location}'")
        queries.append(lake.start(f"SELECT max(a), max(b) FROM t{number}"))
    ended = [lake.wait(query) for query in queries]
    assert [execution for execution in ended if failed_inside(execution)] == []
    assert not [execution for execution in ended if "/objects/" in str(execution["Status"])]


@pytest.mark.parametrize("depth", [50, 1500])
def test_deep_nesting_is_answered(lake: Lake, depth: int) -> None:
    for sql in (
        f"SELECT {'(' * depth}1{')' * depth}",
        f"SELECT {'NOT ' * depth}true",
        f"SELECT {'ARRAY[' * depth}1{']' * depth}",
        f"SELECT 1 {'+ 1 ' * depth}",
        f"{'SELECT * FROM (' * depth}SELECT 1{')' * depth}",
    ):
        query = start(lake, sql)
        assert query is None or lake.wait(query)["Status"]["State"] in ("SUCCEEDED", "FAILED")


BODIES: tuple[Any, ...] = (
    *(None, 1, "text", [], [1], {}, {"QueryString": None}, {"QueryString": 5}, {"QueryString": ["SELECT 1"]}),
    {"QueryString": {"a": 1}, "QueryExecutionContext": "x"},
    {"QueryString": "SELECT 1", "ResultConfiguration": []},
    {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": 7}},
    {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": "file:///etc"}},
    {"QueryString": "SELECT 1", "WorkGroup": {}, "ExecutionParameters": 3},
    {"QueryExecutionId": 5, "MaxResults": "x", "NextToken": 9, "WorkGroup": None},
    {"QueryExecutionIds": "abc", "NamedQueryIds": 7, "CatalogName": [], "DatabaseName": 1, "TableName": {}},
    {
        "DatabaseName": 1,
        "TableName": [],
        "Name": {},
        "TableInput": 5,
        "PartitionInputList": {},
        "Expression": 7,
    },
    {"DatabaseName": "x" * 100_000, "TableName": "\0", "TableInput": {"Name": None}, "MaxResults": -1},
)
OPERATIONS = (
    *(
        "AmazonAthena.StartQueryExecution",
        "AmazonAthena.GetQueryResults",
        "AmazonAthena.BatchGetQueryExecution",
    ),
    *("AmazonAthena.GetTableMetadata", "AmazonAthena.CreateWorkGroup", "AmazonAthena.ListQueryExecutions"),
    *("AmazonAthena.NoSuchOperation", "AmazonAthena.", "AWSGlue.GetTables", "AWSGlue.CreateTable"),
    *("AWSGlue.UpdateTable", "AWSGlue.GetPartitions", "AWSGlue.BatchCreatePartition", "AWSGlue.__init__"),
)


def test_requests_of_any_shape_are_refused_and_never_fail_inside(cloud: Any) -> None:
    dice = random.Random(7)
    bodies = [json.dumps(body).encode() for body in BODIES]
    bodies += [dice.randbytes(dice.randint(1, 200)) for _ in range(5)]
    bodies += [body[: dice.randrange(len(body))] for body in bodies[:10] if body]
    failed_inside = []
    for operation in OPERATIONS:
        for body in bodies:
            status, answer = post(cloud.endpoint_url, operation, body)
            if status >= 500:
                failed_inside.append((operation, body, status, answer))
    assert failed_inside == []


WEIRD: tuple[Any, ...] = (
    "",
    "x",
    "\0",
    "é" * 300,
    "../..",
    "s3://",
    "-1",
    0,
    -1,
    2**63,
    True,
    [],
    {},
    None,
    1.5,
)


def of_shape(shape: Any, dice: random.Random, depth: int = 0) -> Any:
    """A value as the API's model describes it, but for a place or two."""
    if dice.random() < 0.1 or depth > 4:
        return dice.choice(WEIRD)
    if shape.type_name == "structure":
        chosen = [n for n in shape.members if n in shape.required_members or dice.random() < 0.5]
        return {name: of_shape(shape.members[name], dice, depth + 1) for name in chosen}
    if shape.type_name == "list":
        return [of_shape(shape.member, dice, depth + 1) for _ in range(dice.randint(0, 2))]
    if shape.type_name == "map":
        return {"k": of_shape(shape.value, dice, depth + 1)}
    if shape.type_name == "string":
        return dice.choice(
            list(shape.metadata.get("enum", ("primary", "AwsDataCatalog", "SELECT 1", "t" * 36)))
        )
    return {"boolean": True, "timestamp": 0, "double": 0.5}.get(shape.type_name, dice.randint(0, 100))


def test_requests_of_every_operations_shape_are_answered_or_refused(cloud: Any) -> None:
    dice = random.Random(11)
    model = cloud.client("athena").meta.service_model
    failed = []
    for operation in model.operation_names:
        for _ in range(6):
            body = json.dumps(of_shape(model.operation_model(operation).input_shape, dice)).encode()
            # In a region of its own: what it does to the primary workgroup is nobody else's.
            status, answer = post(cloud.endpoint_url, f"AmazonAthena.{operation}", body, "eu-west-3")
            if status >= 500:
                failed.append((operation, body, answer))
    assert failed == []


def post(endpoint: str, operation: str, body: bytes, region: str = "us-east-1") -> tuple[int, bytes]:
    service = "glue" if operation.startswith("AWSGlue") else "athena"
    connection = http.client.HTTPConnection(str(urlsplit(endpoint).netloc), timeout=30)
    scope = f"test/20240101/{region}/{service}/aws4_request"
    headers = {
        "X-Amz-Target": operation,
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


SECRET = "the-content-of-a-file-of-this-machine"


def test_no_quoting_reaches_a_file_or_a_function_of_the_engine(tables: Lake, tmp_path: Path) -> None:
    secret, target = tmp_path / "secret.csv", tmp_path / "written"
    secret.write_text(SECRET)
    calls = [
        f"{function}('{secret}')"
        for function in (
            "read_csv",
            "read_text",
            "read_blob",
            "read_parquet",
            "glob",
            "sniff_csv",
            "read_json",
        )
    ]
    names = [
        f"{secret}",
        *calls,
        f"x') UNION SELECT * FROM read_text('{secret}",
        f"a\" FROM read_text('{secret}') --",
    ]
    statements = [f"SELECT * FROM {call}" for call in calls]
    for name in names:
        quoted, single = name.replace('"', '""'), name.replace("'", "''")
        statements += [
            f'SELECT * FROM "{quoted}"',
            f'SELECT 1 AS "{quoted}"',
            f'SELECT "{quoted}"(1)',
            f'SELECT x."{quoted}" FROM (SELECT 1 AS "{quoted}") AS x',
            f'SELECT * FROM t AS "{quoted}" WHERE "{quoted}".a = 1',
            f'WITH "{quoted}" AS (SELECT 1 AS n) SELECT * FROM "{quoted}"',
            f"SELECT '{single}'",
            f"SELECT date_format(now(), '{single}'), format('%s', '{single}')",
            f"SELECT regexp_replace('a', '{single}')",
            f"SELECT CAST('{single}' AS \"{quoted}\")",
            f"CREATE EXTERNAL TABLE `{name.replace('`', '')}` (n int) LOCATION '{tables.uri('e/')}'",
            f"CREATE EXTERNAL TABLE e (n int) LOCATION '{single}'",
            f"CREATE EXTERNAL TABLE e (n string) LOCATION '{tables.uri('..')}/../../../..{secret}'",
            f"CREATE TABLE e WITH (external_location='{single}') AS SELECT 1 AS n",
            f"CREATE TABLE e WITH (field_delimiter='{single}', format='TEXTFILE') AS SELECT 1 AS n",
            f"UNLOAD (SELECT 1 AS n) TO 'file://{target}/' WITH (format='JSON')",
            f"ALTER TABLE t SET LOCATION 's3://{tables.bucket}/../../..{secret}'",
            f"ALTER TABLE t SET TBLPROPERTIES ('skip.header.line.count'='{single}')",
            f"INSERT INTO t SELECT 1, '{single}' AS \"{quoted}\"",
            f"COPY (SELECT 1) TO '{target}'",
        ]
    shown = []
    for sql in statements:
        query = start(tables, sql)
        if query is not None and tables.wait(query)["Status"]["State"] == "SUCCEEDED":
            shown.append(json.dumps(tables.athena.get_query_results(QueryExecutionId=query)["ResultSet"]))
    assert not [page for page in shown if SECRET in page]
    assert secret.read_text() == SECRET
    assert [path.name for path in tmp_path.iterdir()] == [secret.name]
