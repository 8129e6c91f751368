"""JSON in Hive tables: keys, values and lines, read and written by both SerDes."""

from __future__ import annotations

import json

import pytest

from athena.athena_client import Lake


def test_json_is_written_as_one_object_a_line(lake: Lake) -> None:
    lake.run(
        f"UNLOAD (SELECT 1 AS n, DATE '2024-01-01' AS d, ARRAY['a'] AS l) TO '{lake.uri('u/')}' "
        "WITH (format='JSON', compression='NONE')"
    )
    [key] = lake.keys("u/")
    assert json.loads(lake.body(lake.uri(key))) == {"n": 1, "d": "2024-01-01", "l": ["a"]}


def test_long_decimals_and_nested_bytes_survive_json(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE t WITH (format='JSON', external_location='{lake.uri('t/')}') AS SELECT "
        "DECIMAL '12345678901234567890.12' AS d, ARRAY[DECIMAL '0.1234567890123456789'] AS a, 1.5E0 AS f, "
        "ARRAY[X'00ff'] AS b, MAP(ARRAY['k'], ARRAY[TIMESTAMP '2024-01-01 00:00:00.500']) AS m"
    )
    assert lake.rows("SELECT * FROM t") == [
        (
            *("12345678901234567890.12", "[0.1234567890123456789]", "1.5"),
            *("[00 ff]", "{k=2024-01-01 00:00:00.500}"),
        )
    ]


def test_keys_of_json_match_whatever_their_case_in_each_line(lake: Lake) -> None:
    lake.put("t/a.json", b'{"n": 1}\n{"N": 2}\n')
    lake.run(
        "CREATE EXTERNAL TABLE t (n int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
        f"LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT n FROM t ORDER BY n") == [("1",), ("2",)]


def test_line_that_is_no_json_fails_unless_it_is_to_be_ignored(lake: Lake) -> None:
    lake.put("t/f.json", b'{"a": 1}\nnot json\n')
    for table, properties in (("strict", ""), ("lenient", "'ignore.malformed.json'='true'")):
        lake.run(
            f"CREATE EXTERNAL TABLE {table} (a int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
            f"{f'WITH SERDEPROPERTIES ({properties})' if properties else ''} LOCATION '{lake.uri('t/')}'"
        )
    assert lake.error("SELECT a FROM strict").startswith("HIVE_CURSOR_ERROR: Row is not a valid JSON Object")
    assert lake.rows("SELECT a FROM lenient") == [("1",), (None,)]


JSON_OBJECT = (
    b'{"Id": 1, "O": {"K": 1, "inner": {"DeepKey": "v"}}, "l": [{"Ab": 1}, {"aB": 2}], '
    b'"M": {"Key": {"X": 5}}, "s": {"Any": 1}}\n{"ID": 2, "o": {"k": 2}}\n'
)


@pytest.mark.parametrize("serde", ["org.openx.data.jsonserde", "org.apache.hive.hcatalog.data"])
def test_keys_inside_columns_match_whatever_their_case(lake: Lake, serde: str) -> None:
    lake.put("t/a.json", JSON_OBJECT)
    lake.run(
        "CREATE EXTERNAL TABLE t (id int, o struct<k:int,inner:struct<deepkey:string>>, "
        "l array<struct<ab:int>>, m map<string,struct<x:int>>, s string) "
        f"ROW FORMAT SERDE '{serde}.JsonSerDe' LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT * FROM t ORDER BY id") == [
        ("1", "{k=1, inner={deepkey=v}}", "[{ab=1}, {ab=2}]", "{Key={x=5}}", '{"Any":1}'),
        ("2", "{k=2, inner=null}", None, None, None),
    ]


@pytest.mark.parametrize(
    ("line", "columns", "properties", "row"),
    [
        ('{"Time": "a", "time": "b"}', "time string", "'case.insensitive'='false'", ("b",)),
        ('{"Time": "a"}', "time string", "'case.insensitive'='false'", (None,)),
        ('{"Time": "a"}', "at string", "'mapping.at'='time'", ("a",)),
        (
            '{"Time": "a", "time": "b"}',
            "x string, y string",
            "'case.insensitive'='false', 'mapping.x'='Time', 'mapping.y'='time'",
            ("a", "b"),
        ),
        ('{"a.b": 1}', "a_b int", "'dots.in.keys'='true'", ("1",)),
        ('{"a.b": 1}', "a_b int", "", (None,)),
        ('[1, "x"]', "n int, s string", "", ("1", "x")),
        (
            '{"s": null, "o": {"K": null, "s": ""}}',
            "s string, o struct<k:string,s:string>",
            "",
            (None, "{k=null, s=}"),
        ),
        ('{"s": "null", "o": null}', "s string, o struct<k:string>", "", ("null", None)),
        ('{"o": {"K": 1}}', "o struct<k:int>", "'case.insensitive'='false'", ("{k=null}",)),
        (
            '{"t": "2024-01-02T03:04:05Z", "o": {"t": "05/06/24"}}',
            "t timestamp, o struct<t:timestamp>",
            "'timestamp.formats'='yyyy-MM-dd\\'T\\'HH:mm:ss\\'Z\\',dd/MM/yy'",
            ("2024-01-02 03:04:05.000", "{t=2024-06-05 00:00:00.000}"),
        ),
    ],
)
def test_properties_of_the_json_serde_decide_what_is_found(
    lake: Lake, line: str, columns: str, properties: str, row: tuple[str | None, ...]
) -> None:
    lake.put("t/a.json", line.encode())
    serde = f"WITH SERDEPROPERTIES ({properties})" if properties else ""
    lake.run(
        f"CREATE EXTERNAL TABLE t ({columns}) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' {serde} "
        f"LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT * FROM t") == [row]
