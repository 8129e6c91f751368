"""Hive's formats and compressions: what is written is read back, by Athena and by others."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from athena.athena_client import Lake

TYPED = (
    "SELECT CAST(1 AS tinyint) AS ti, CAST(2 AS smallint) AS si, 3 AS i, BIGINT '4' AS bi, REAL '1.5' AS r, "
    "2.5E0 AS dbl, DECIMAL '1.25' AS d, true AS b, 'x' AS s, X'00ff' AS bin, DATE '2024-01-01' AS day, "
    "TIMESTAMP '2024-01-01 10:00:00.123' AS ts, "
    "ARRAY[1, NULL] AS l, MAP(ARRAY['k'], ARRAY[ARRAY['v']]) AS m, "
    "CAST(ROW(1, 'y') AS ROW(x integer, y varchar)) AS st, CAST(NULL AS varchar) AS n"
)
ROW = (
    *("1", "2", "3", "4", "1.5", "2.5", "1.25", "true", "x", "00 ff", "2024-01-01"),
    *("2024-01-01 10:00:00.123", "[1, null]", "{k=[v]}", "{x=1, y=y}", None),
)


@pytest.mark.parametrize("format_", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_every_type_is_read_back_as_it_was_written(lake: Lake, format_: str) -> None:
    lake.run(f"CREATE TABLE t WITH (format='{format_}', external_location='{lake.uri('t/')}') AS {TYPED}")
    lake.run("INSERT INTO t SELECT * FROM t")
    assert lake.rows("SELECT * FROM t") == [ROW, ROW]


@pytest.mark.parametrize(
    ("format_", "codec"),
    [
        *(("TEXTFILE", codec) for codec in ("NONE", "GZIP", "ZSTD", "BZIP2", "SNAPPY", "LZ4")),
        *(("JSON", codec) for codec in ("GZIP", "BZIP2", "SNAPPY")),
        *(("AVRO", codec) for codec in ("NONE", "DEFLATE", "SNAPPY", "ZSTD", "BZIP2")),
        *(("ORC", codec) for codec in ("NONE", "ZLIB", "SNAPPY", "LZ4", "ZSTD")),
        *(("PARQUET", codec) for codec in ("NONE", "GZIP", "SNAPPY", "ZSTD")),
    ],
)
def test_unload_partitions_and_compresses(lake: Lake, format_: str, codec: str) -> None:
    lake.run(
        "UNLOAD (SELECT n, 'text' AS s, n % 2 AS p FROM UNNEST(sequence(1, 4000)) AS t(n)) "
        f"TO '{lake.uri('u/')}' WITH (format='{format_}', compression='{codec}', partitioned_by=ARRAY['p'])"
    )
    assert {key.split("/")[1] for key in lake.keys("u/")} == {"p=0", "p=1"}
    storage = {"JSON": "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'", "TEXTFILE": ""}
    lake.run(
        f"CREATE EXTERNAL TABLE u (n int, s string) PARTITIONED BY (p int) "
        f"{storage.get(format_, f'STORED AS {format_}')} LOCATION '{lake.uri('u/')}'"
    )
    lake.run("MSCK REPAIR TABLE u")
    assert lake.rows("SELECT p, count(*), sum(n), max(s) FROM u GROUP BY p ORDER BY p") == [
        ("0", "2000", "4002000", "text"),
        ("1", "2000", "4000000", "text"),
    ]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("format='ORC', compression='BZIP2'", "NOT_SUPPORTED: Compression codec BZIP2 not supported for ORC"),
        ("format='AVRO', compression='GZIP'", "NOT_SUPPORTED: Compression codec GZIP not supported for AVRO"),
        ("format='CSV'", "NOT_SUPPORTED: Writing files in the format 'CSV' is not supported"),
        (
            "format='TEXTFILE', field_delimiter='||'",
            "INVALID_TABLE_PROPERTY: field_delimiter must be a single character string, but was: '||'",
        ),
        (
            "format='PARQUET', compression='ZSTD', compression_level=23",
            "INVALID_TABLE_PROPERTY: compression_level must be a number from -5 to 22, not 23",
        ),
    ],
)
def test_file_that_cannot_be_written_is_refused(lake: Lake, properties: str, reason: str) -> None:
    assert lake.error(f"UNLOAD (SELECT 1 AS n) TO '{lake.uri('u/')}' WITH ({properties})") == reason


def test_type_that_hive_has_not_is_not_unloaded(lake: Lake) -> None:
    sql = f"UNLOAD (SELECT TIME '10:00:00' AS t) TO '{lake.uri('u/')}' WITH (format='PARQUET')"
    assert lake.error(sql) == "NOT_SUPPORTED: Unsupported Hive type: time(0)"
    assert lake.keys("u/") == []


def test_rows_of_text_are_inserted_with_the_separators_of_the_table(lake: Lake) -> None:
    lake.run(
        r"CREATE EXTERNAL TABLE t (s string, l array<string>, m map<string,int>) "
        r"ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' ESCAPED BY '\\' COLLECTION ITEMS TERMINATED BY ',' "
        r"MAP KEYS TERMINATED BY ':' NULL DEFINED AS 'null' "
        f"LOCATION '{lake.uri('t/')}' TBLPROPERTIES ('write.compression'='NONE')"
    )
    lake.run("INSERT INTO t VALUES ('a,b', ARRAY['x,y', 'z'], MAP(ARRAY['k'], ARRAY[1])), (NULL, NULL, NULL)")
    [key] = lake.keys("t/")
    assert lake.body(lake.uri(key)) == "a\\,b\tx\\,y,z\tk:1\nnull\tnull\tnull\n"
    assert lake.rows("SELECT * FROM t") == [("a,b", "[x,y, z]", "{k=1}"), (None, None, None)]


def test_orc_keeps_the_types_for_other_readers(lake: Lake) -> None:
    lake.run(f"CREATE TABLE t WITH (format='ORC', external_location='{lake.uri('t/')}') AS {TYPED}")
    [key] = lake.keys("t/")
    body = lake.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read()
    schema = orc.ORCFile(io.BytesIO(body)).schema
    assert [str(schema.field(name).type) for name in ("ti", "si", "r", "d", "day", "st")] == [
        "int8",
        "int16",
        "float",
        "decimal128(3, 2)",
        "date32[day]",
        "struct<x: int32, y: string>",
    ]


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        (".bz2", bz2.compress),
        (".deflate", zlib.compress),
        (".snappy", lambda data: hadoop_blocks(data, "snappy")),
        (".lz4", lambda data: hadoop_blocks(data, "lz4_raw")),
    ],
)
def test_compressed_text_is_read_by_its_suffix(lake: Lake, suffix: str, compress: object) -> None:
    assert callable(compress)
    lake.put(f"t/a.csv{suffix}", compress(b"n\n1,a\n2,b\n"))
    lake.put("t/b.csv", b"n\n3,c\n")
    lake.run(
        "CREATE EXTERNAL TABLE t (n int, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{lake.uri('t/')}' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    assert lake.rows("SELECT * FROM t ORDER BY n") == [("1", "a"), ("2", "b"), ("3", "c")]


def hadoop_blocks(data: bytes, codec: str) -> bytes:
    """As Hadoop's codec writes: two pieces in one block, of which LZ4 knows no sizes."""
    pieces = [data[:4], data[4:]] if codec == "snappy" else [data]
    compressed = [pa.compress(piece, codec=codec, asbytes=True) for piece in pieces]
    return len(data).to_bytes(4, "big") + b"".join(len(p).to_bytes(4, "big") + p for p in compressed)


def test_file_that_is_not_compressed_as_its_name_says_is_bad_data(lake: Lake) -> None:
    lake.put("t/a.csv.bz2", b"plain text")
    lake.run(f"CREATE EXTERNAL TABLE t (s string) LOCATION '{lake.uri('t/')}'")
    assert lake.error("SELECT * FROM t").startswith("HIVE_BAD_DATA: t/a.csv.bz2")


def test_escaped_separators_belong_to_the_value(lake: Lake) -> None:
    lake.put("t/a.csv", b"1,a\\,b,x|y\\|z,k1:v1|k2:v\\:2\n\\N,c\\\\d,\\N,\n2\n")
    lake.run(
        r"CREATE EXTERNAL TABLE t (n int, s string, l array<string>, m map<string,string>) "
        r"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\' "
        r"COLLECTION ITEMS TERMINATED BY '|' MAP KEYS TERMINATED BY ':' "
        f"LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT * FROM t ORDER BY n") == [
        ("1", "a,b", "[x, y|z]", "{k1=v1, k2=v:2}"),
        ("2", None, None, None),
        (None, "c\\d", None, None),
    ]


def test_key_of_a_texts_map_is_there_once_and_bytes_need_not_be_base64(lake: Lake) -> None:
    lake.put("t/a", b"a\x031\x02a\x032\x02\\N\x033\x01AP8=\nb\x03\x01%%\n")
    lake.run(f"CREATE EXTERNAL TABLE t (m map<string,int>, b binary) LOCATION '{lake.uri('t/')}'")
    assert lake.rows("SELECT m, b FROM t") == [("{a=1}", "00 ff"), ("{b=null}", "25 25")]


def test_line_that_is_too_long_is_bad_data(lake: Lake) -> None:
    lake.put("t/f.csv.gz", gzip.compress(b"x" * (17 * 2**20) + b"\ny\n"))
    lake.run(f"CREATE EXTERNAL TABLE t (s string) LOCATION '{lake.uri('t/')}'")
    assert lake.error("SELECT length(s) FROM t").startswith("HIVE_BAD_DATA: Line too long in text file")


def test_nested_collections_take_the_next_separator(lake: Lake) -> None:
    lake.put("t/a", b"a\x03b\x02c\x01k\x031\x042\n")
    lake.run(
        "CREATE EXTERNAL TABLE t (l array<array<string>>, m map<string,array<int>>) "
        f"LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT * FROM t") == [("[[a, b], [c]]", "{k=[1, 2]}")]


def test_header_of_opencsv_is_lines_and_empty_files_have_no_rows(lake: Lake) -> None:
    lake.put("t/a.csv", b'"h1, not closed\n"a ""q""","b\\"c"\n')
    lake.put("t/empty.csv", b"")
    lake.put("t/header.csv", b"h1,h2\n")
    lake.run(
        "CREATE EXTERNAL TABLE t (a string, b string) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        f"LOCATION '{lake.uri('t/')}' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    assert lake.rows("SELECT * FROM t") == [('a "q"', 'b"c')]


@pytest.mark.parametrize(
    ("format_", "property_", "rows"),
    [
        ("ORC", "", [("1", "x", None)]),
        ("ORC", "'orc.column.index.access'='false'", [(None, "x", None)]),
        ("PARQUET", "", [(None, "x", None)]),
        ("PARQUET", "'parquet.column.index.access'='true'", [("1", "x", None)]),
    ],
)
def test_columns_are_found_by_name_or_by_place_as_the_serde_says(
    lake: Lake, format_: str, property_: str, rows: list[tuple[str | None, ...]]
) -> None:
    write = {"ORC": orc.write_table, "PARQUET": parquet.write_table}[format_]
    buffer = io.BytesIO()
    write(pa.table({"A": [1], "b": ["x"]}), buffer)
    lake.put("t/file", buffer.getvalue())
    serde = {"ORC": "orc.OrcSerde", "PARQUET": "parquet.serde.ParquetHiveSerDe"}[format_]
    lake.run(
        f"CREATE EXTERNAL TABLE t (x bigint, b string, z double) "
        f"ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.{serde}' "
        f"{f'WITH SERDEPROPERTIES ({property_})' if property_ else ''} "
        f"STORED AS {format_} LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT * FROM t") == rows
    assert lake.rows("SELECT count(*), count(z) FROM t") == [("1", "0")]


def stored(lake: Lake, values: pa.Array, format_: str, declared: str) -> None:
    """A table over one file with the column `c`, which the file has otherwise than it is declared."""
    buffer = io.BytesIO()
    {"ORC": orc.write_table, "PARQUET": parquet.write_table}[format_](pa.table({"c": values}), buffer)
    lake.put("t/file", buffer.getvalue())
    lake.run(f"CREATE EXTERNAL TABLE t (c {declared}) STORED AS {format_} LOCATION '{lake.uri('t/')}'")


@pytest.mark.parametrize("format_", ["PARQUET", "ORC"])
@pytest.mark.parametrize(
    ("values", "declared", "value"),
    [
        (pa.array([5], pa.int64()), "int", "5"),
        (pa.array([5], pa.int32()), "decimal(5,1)", "5.0"),
        (pa.array([1.5], pa.float32()), "double", "1.5"),
        (pa.array(["abc"]), "varchar(2)", "ab"),
    ],
)
def test_values_that_fit_another_type_are_read(
    lake: Lake, values: pa.Array, declared: str, value: str, format_: str
) -> None:
    stored(lake, values, format_, declared)
    assert lake.rows("SELECT c FROM t") == [(value,)]


@pytest.mark.parametrize(
    ("values", "declared", "physical"),
    [
        (pa.array([5], pa.int64()), "string", "INT64"),
        (pa.array(["12"]), "int", "BINARY"),
        (pa.array([1.5]), "bigint", "DOUBLE"),
        (pa.array([True]), "int", "BOOLEAN"),
        (pa.array([[1]]), "string", "group"),
        (pa.array([1]), "array<int>", "INT64"),
    ],
)
def test_values_of_another_type_are_bad_data(
    lake: Lake, values: pa.Array, declared: str, physical: str
) -> None:
    stored(lake, values, "PARQUET", declared)
    error = lake.error("SELECT c FROM t")
    assert error.startswith(
        f"HIVE_BAD_DATA: Field c's type {physical} in parquet file {lake.uri('t/file')} is"
    )
    assert lake.rows("SELECT count(*) FROM t") == [("1",)]


def test_values_of_another_type_in_orc_are_bad_data(lake: Lake) -> None:
    stored(lake, pa.array([5], pa.int64()), "ORC", "string")
    assert lake.error("SELECT c FROM t") == (
        "HIVE_BAD_DATA: Malformed ORC file. Cannot read SQL type 'varchar' from ORC stream '.c' "
        "of type LONG [t/file]"
    )


def test_value_with_a_line_break_is_cut_as_hive_cuts_it(lake: Lake) -> None:
    lake.put("t/f.csv", b'1,"a\nb"\n2,"say ""hi"""\n')
    lake.run(
        "CREATE EXTERNAL TABLE t (id string, v string) "
        f"ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT * FROM t") == [("1", None), (None, None), ("2", 'say "hi"')]


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        ("", bytes),
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".zst", lambda data: pa.compress(data, codec="zstd", asbytes=True)),
        (".snappy", lambda data: hadoop_blocks(data, "snappy")),
        (".lz4", lambda data: hadoop_blocks(data, "lz4_raw")),
    ],
)
def test_opencsv_is_read_whatever_its_compression(
    lake: Lake, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    lake.put(f"t/f.csv{suffix}", compress(b'id,name\n"1","a,b"\n2,plain\n'))
    lake.run(
        "CREATE EXTERNAL TABLE t (id int, name string, later string) "
        f"ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION '{lake.uri('t/')}' "
        "TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    assert lake.rows("SELECT * FROM t") == [("1", "a,b", None), ("2", "plain", None)]


def test_number_of_opencsv_that_is_none_is_bad_data(lake: Lake) -> None:
    lake.put("t/f.csv", b'"1","2.50"\n"2",""\n')
    lake.run(
        "CREATE EXTERNAL TABLE t (n int, d decimal(5,2)) "
        f"ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT sum(n) FROM t") == [("3",)]
    error = lake.error("SELECT * FROM t")
    assert error == "HIVE_BAD_DATA: Error parsing field value '' for field 1: For input string: \"\""


@pytest.mark.parametrize(
    ("content", "clauses", "rows"),
    [
        (b"a,1\n\nb,2\n", "", [("a", "1"), ("", None), ("b", "2")]),
        (b"a,1\r\n\r\nb,2", "", [("a", "1"), ("", None), ("b", "2")]),
        (b"a,1\r\nb,2\nc,3\rd,4\n", "", [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]),
        (b"\xef\xbb\xbfa,1\n", "", [("a", "1")]),
        (
            b"x\ny\na,1\nsum,9\n",
            "TBLPROPERTIES ('skip.header.line.count'='2', 'skip.footer.line.count'='1')",
            [("a", "1")],
        ),
        (
            b"NULL,1\n\\N,NULL\n",
            "TBLPROPERTIES ('serialization.null.format'='NULL')",
            [(None, "1"), ("\\N", None)],
        ),
        ("é,1\n".encode("utf-16"), "TBLPROPERTIES ('serialization.encoding'='UTF-16')", [("é", "1")]),
        ("ß,1\n".encode("latin-1"), "TBLPROPERTIES ('serialization.encoding'='ISO-8859-1')", [("ß", "1")]),
    ],
)
def test_lines_are_those_that_hadoop_and_the_properties_make(
    lake: Lake, content: bytes, clauses: str, rows: list[tuple[str | None, ...]]
) -> None:
    lake.put("t/a.csv", content)
    lake.run(
        "CREATE EXTERNAL TABLE t (s string, n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{lake.uri('t/')}' {clauses}"
    )
    assert lake.rows("SELECT * FROM t") == rows
    assert lake.rows("SELECT count(*) FROM t") == [(str(len(rows)),)]


@pytest.mark.parametrize(
    ("formats", "text", "value"),
    [
        ("", "2024-01-02 03:04:05.1239", "2024-01-02 03:04:05.124"),
        ("", "2024-01-02T03:04:05", None),
        ("", "2024-01-02 03:04:05+02:00", None),
        ("dd.MM.yyyy HH:mm", "02.01.2024 03:04", "2024-01-02 03:04:00.000"),
        ("millis", "1704164645123", "2024-01-02 03:04:05.123"),
    ],
)
def test_timestamps_of_text_are_in_hives_format_or_in_the_serdes(
    lake: Lake, formats: str, text: str, value: str | None
) -> None:
    lake.put("t/a.csv", f"{text}\n".encode())
    lake.run(
        "CREATE EXTERNAL TABLE t (at timestamp) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' "
        f"WITH SERDEPROPERTIES ('field.delim'=',', 'timestamp.formats'='{formats}') "
        f"LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT at FROM t") == [(value,)]


def test_avro_decimals_are_read_with_the_scale_of_the_file(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE t WITH (format='AVRO', external_location='{lake.uri('t/')}') AS "
        "SELECT d FROM (VALUES DECIMAL '-12345678901234567890.12', DECIMAL '0.00', NULL) AS v(d)"
    )
    lake.run("ALTER TABLE t REPLACE COLUMNS (d decimal(38,4))")
    assert lake.rows("SELECT d FROM t") == [("-12345678901234567890.1200",), ("0.0000",), (None,)]


FASTAVRO = Path(__file__).parent / "files" / "fastavro.avro"
"""Two rows of Avro's types, written by fastavro 1.13: decimals as bytes, of fixed length and in an array."""


def test_avro_of_another_writer_is_read_by_name(lake: Lake) -> None:
    lake.put("t/f.avro", FASTAVRO.read_bytes())
    lake.run(
        "CREATE EXTERNAL TABLE t (name string, id bigint, dec decimal(12,3), fdec decimal(10,3), day date, "
        "ts timestamp, tsu timestamp, e string, fx binary, arr array<int>, m map<string,double>, "
        "st struct<b:string,a:int>, nd array<decimal(5,1)>, u string, missing int) "
        f"STORED AS AVRO LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT * FROM t WHERE id = 2") == [
        (
            *(None, "2", "1.250", "-2.125", "2024-01-01"),
            *("2024-01-01 10:00:00.123", "2024-01-01 10:00:00.123"),
            *("B", "61 62 63 64", "[1, 2]", "{k=1.5}", "{b=x, a=1}", "[1.5]", "t", None),
        )
    ]


def test_avro_column_that_a_file_lacks_has_the_schemas_default(lake: Lake) -> None:
    lake.put("t/f.avro", FASTAVRO.read_bytes())
    schema = (
        '{"type": "record", "name": "r", "fields": [{"name": "Id", "type": "int"}, '
        '{"name": "later", "type": "string", "default": "none yet"}]}'
    )
    lake.run(
        "CREATE EXTERNAL TABLE t (id int, later string) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.avro.AvroSerDe' "
        f"WITH SERDEPROPERTIES ('avro.schema.literal'='{schema}') STORED AS AVRO LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("SELECT id, later FROM t ORDER BY id") == [("1", "none yet"), ("2", "none yet")]


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress])
@pytest.mark.parametrize(
    "storage",
    [
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','",
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'",
    ],
)
def test_bytes_that_are_no_utf8_are_replaced(
    lake: Lake, storage: str, compress: Callable[[bytes], bytes]
) -> None:
    suffix = {bytes: "", gzip.compress: ".gz", bz2.compress: ".bz2"}[compress]
    lake.put(f"t/f.csv{suffix}", compress("1,Köln\n2,Jena\n".encode("latin-1")))
    lake.run(f"CREATE EXTERNAL TABLE t (a string, b string) {storage} LOCATION '{lake.uri('t/')}'")
    assert lake.rows("SELECT b FROM t ORDER BY a") == [("K\ufffdln",), ("Jena",)]
