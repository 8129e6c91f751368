"""What files are taken for, and which columns they have."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from millpond.glue.crawlers.classifiers import ClassifierChain, Sample
from millpond.glue.crawlers.data_formats import ClassifiedFile
from millpond.glue.crawlers.exceptions import UnreadableFile
from millpond.glue.exceptions import InvalidInput


@pytest.fixture
def classify(tmp_path: Path) -> Any:
    """Classifies a content as the object of a name, by custom classifiers and then the built-in ones."""

    def classify(content: str | bytes, name: str = "file", *custom: dict[str, Any]) -> ClassifiedFile:
        path = tmp_path / "object"
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return ClassifierChain(custom).classify(Sample(name, path, len(data)))

    return classify


def columns(found: ClassifiedFile) -> dict[str, str]:
    return {column.name: str(column.type) for column in found.schema.columns}


# ---- CSV


def test_csv_columns_have_the_widest_type_of_their_values(classify: Any) -> None:
    found = classify("I,D,B,S,N\n1,1,true,x,\n-2,2.5,FALSE,3,\n")
    assert columns(found) == {"i": "bigint", "d": "double", "b": "boolean", "s": "string", "n": "string"}


def test_csv_dates_and_times_stay_text(classify: Any) -> None:
    found = classify("id,day,moment\n1,2026-01-31,2026-01-31 10:00:00\n")
    assert columns(found) == {"id": "bigint", "day": "string", "moment": "string"}


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";", "\x01"])
def test_csv_delimiter_is_the_one_that_all_rows_agree_on(classify: Any, delimiter: str) -> None:
    found = classify(delimiter.join(["id", "note"]) + "\n" + delimiter.join(["1", "a b"]) + "\n")
    assert dict(found.format.settings)["delimiter"] == delimiter
    assert columns(found) == {"id": "bigint", "note": "string"}


def test_csv_delimiter_in_quotes_does_not_separate(classify: Any) -> None:
    found = classify('id,place\n1,"Bonn, Germany"\n2,"Lyon, France"\n')
    assert columns(found) == {"id": "bigint", "place": "string"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("name,town\nAnn,Bonn\nBob,Lyon\n", id="all columns are text"),
        pytest.param("1,town\n2,Bonn\n3,Lyon\n", id="the first row has a number"),
        pytest.param(f"{'x' * 150},b\n1,2\n3,4\n", id="a name is too long"),
    ],
)
def test_csv_without_a_certain_header_has_numbered_columns(classify: Any, content: str) -> None:
    found = classify(content)
    assert list(columns(found)) == ["col0", "col1"]
    assert "skip.header.line.count" not in dict(found.format.settings)


def test_csv_header_may_leave_the_last_column_empty(classify: Any) -> None:
    assert columns(classify("id,name,\n1,x,\n2,y,\n")) == {"id": "bigint", "name": "string", "col2": "string"}


def test_one_column_is_no_csv(classify: Any) -> None:
    assert classify("id\n1\n2\n").format.classification == "UNKNOWN"


def test_csv_needs_two_rows(classify: Any) -> None:
    assert classify("1,2\n").format.classification == "UNKNOWN"


def test_csv_survives_a_few_rows_of_another_width(classify: Any) -> None:
    rows = "".join(f"{n},x\n" for n in range(50))
    assert columns(classify(f"id,name\n{rows}51\n")) == {"id": "bigint", "name": "string"}


def test_custom_csv_says_what_the_built_in_would_not_find(classify: Any) -> None:
    custom = {
        "CsvClassifier": {
            "Name": "c",
            "Delimiter": "#",
            "QuoteSymbol": "'",
            "ContainsHeader": "ABSENT",
            "Header": ["town", "people"],
            "CustomDatatypeConfigured": True,
            "CustomDatatypes": ["STRING", "INT"],
        }
    }
    found = classify("'Bonn'#'1'\n'Lyon'#'2'\n", "file", custom)
    assert columns(found) == {"town": "string", "people": "int"}
    assert found.format.classes is not None
    assert found.format.classes.serde.endswith("OpenCSVSerde")
    assert dict(found.format.serde_settings) == {
        "escapeChar": "\\",
        "quoteChar": "'",
        "separatorChar": "#",
    }


def test_custom_csv_header_present_counts_even_if_all_is_text(classify: Any) -> None:
    custom = {"CsvClassifier": {"Name": "c", "ContainsHeader": "PRESENT"}}
    found = classify("name,town\nAnn,Bonn\n", "file", custom)
    assert list(columns(found)) == ["name", "town"]
    assert dict(found.format.settings)["skip.header.line.count"] == "1"


def test_custom_csv_may_have_one_column(classify: Any) -> None:
    custom = {"CsvClassifier": {"Name": "c", "AllowSingleColumn": True}}
    assert columns(classify("id\n1\n2\n", "file", custom)) == {"id": "bigint"}


def test_built_in_classifier_answers_where_the_custom_one_does_not_fit(classify: Any) -> None:
    custom = {"CsvClassifier": {"Name": "c", "Delimiter": "#", "Header": ["a", "b", "c"]}}
    assert columns(classify("id,name\n1,x\n", "file", custom)) == {"id": "bigint", "name": "string"}


# ---- JSON


def test_json_types_of_several_documents_are_merged(classify: Any) -> None:
    lines = [
        {"id": 1, "n": 1, "tags": [], "user": {"name": "Ann"}},
        {"id": 2**40, "n": 1.5, "tags": ["x"], "user": {"age": 3}, "extra": None},
    ]
    found = classify("\n".join(map(json.dumps, lines)))
    assert columns(found) == {
        "id": "bigint",
        "n": "double",
        "tags": "array<string>",
        "user": "struct<name:string,age:int>",
        "extra": "string",
    }


def test_json_values_that_do_not_fit_each_other_are_text(classify: Any) -> None:
    assert columns(classify('{"a": 1, "b": {"x": 1}}\n{"a": "x", "b": 2}\n')) == {
        "a": "string",
        "b": "string",
    }


def test_json_object_over_several_lines_is_json(classify: Any) -> None:
    assert columns(classify('{\n  "id": 1\n}\n')) == {"id": "int"}


def test_json_goes_on_after_a_broken_line(classify: Any) -> None:
    found = classify('{"id": 1}\n{"id": \n{"id": 2, "name": "x"}\n')
    assert columns(found) == {"id": "int", "name": "string"}


def test_json_array_is_one_column(classify: Any) -> None:
    assert columns(classify('[{"id": 1}, {"id": 2}]')) == {"array": "array<struct<id:int>>"}


def test_json_path_leads_to_the_records_of_an_array(classify: Any) -> None:
    custom = {"JsonClassifier": {"Name": "j", "JsonPath": "$.orders[*]"}}
    found = classify('{"orders": [{"id": 1}, {"id": 2, "paid": true}]}', "file", custom)
    assert columns(found) == {"id": "int", "paid": "boolean"}
    assert found.records == 2


def test_json_path_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"not supported from '\[\?\(@.a\)\]'"):
        ClassifierChain([{"JsonClassifier": {"Name": "j", "JsonPath": "$[?(@.a)]"}}])


# ---- formats with a schema of their own

_TABLE = pa.table(
    {
        "id": pa.array([1], pa.int32()),
        "Price": pa.array(["1.50"], pa.string()).cast(pa.decimal128(10, 2)),
        "seen": pa.array([0], pa.timestamp("us")),
        "day": pa.array([0], pa.date32()),
        "tags": pa.array([["a"]], pa.list_(pa.string())),
        "user": pa.array([{"name": "x"}], pa.struct([("name", pa.string())])),
        "raw": pa.array([b"x"], pa.binary()),
    }
)
_COLUMNS = {
    "id": "int",
    "price": "decimal(10,2)",
    "seen": "timestamp",
    "day": "date",
    "tags": "array<string>",
    "user": "struct<name:string>",
    "raw": "binary",
}


@pytest.mark.parametrize("kind", ["parquet", "orc"])
def test_columnar_files_tell_their_columns_and_records(classify: Any, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "written"
    if kind == "parquet":
        parquet.write_table(_TABLE, path)
    else:
        orc.write_table(_TABLE, path)
    found = classify(path.read_bytes())
    assert (found.format.classification, found.format.compression, found.records) == (kind, "none", 1)
    assert columns(found) == _COLUMNS


def test_parquet_that_is_cut_off_is_unreadable(classify: Any, tmp_path: Path) -> None:
    parquet.write_table(_TABLE, tmp_path / "written")
    with pytest.raises(UnreadableFile, match="no whole Parquet file"):
        classify((tmp_path / "written").read_bytes()[:-10])


def test_avro_tells_its_columns_and_records(classify: Any, avro_file: bytes) -> None:
    found = classify(avro_file)
    assert columns(found) == {
        "id": "bigint",
        "note": "string",
        "at": "timestamp",
        "kind": "string",
        "sizes": "map<string,double>",
        "boss": "struct<name:string,since:date>",
    }
    assert (found.format.classification, found.records) == ("avro", 3)


@pytest.fixture
def avro_file(tmp_path: Path) -> bytes:
    """Three records, byte by byte as the specification has them."""
    schema = {
        "type": "record",
        "name": "event",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "note", "type": ["null", "string"]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["A", "B"]}},
            {"name": "sizes", "type": {"type": "map", "values": "double"}},
            {
                "name": "boss",
                "type": {
                    "type": "record",
                    "name": "person",
                    "fields": [
                        {"name": "name", "type": "string"},
                        {"name": "since", "type": {"type": "int", "logicalType": "date"}},
                    ],
                },
            },
        ],
    }
    record = b"\x02" + b"\x00" + b"\x00" + b"\x00" + b"\x00" + b"\x02x\x00"
    block = record * 3
    key, text = b"avro.schema", json.dumps(schema).encode()
    header = b"Obj\x01" + _long(1) + _long(len(key)) + key + _long(len(text)) + text + b"\x00" + b"s" * 16
    return header + _long(3) + _long(len(block)) + block + b"s" * 16


def _long(value: int) -> bytes:
    value, encoded = value << 1, b""
    while value > 0x7F:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


# ---- logs


def test_apache_log_is_known_by_its_lines(classify: Any) -> None:
    line = '1.2.3.4 - ann [10/Oct/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 12 "http://x/" "curl/8"\n'
    found = classify(line * 2)
    assert found.format.classification == "combined_apache"
    assert list(columns(found)) == [
        "clientip",
        "ident",
        "auth",
        "timestamp",
        "verb",
        "request",
        "httpversion",
        "rawrequest",
        "response",
        "bytes",
        "referrer",
        "agent",
    ]


def test_grok_classifier_names_and_types_columns(classify: Any) -> None:
    custom = {
        "GrokClassifier": {
            "Name": "g",
            "Classification": "crawls",
            "GrokPattern": "%{TIMESTAMP_ISO8601:at} \\[%{PREFIX:run}\\] %{LOGLEVEL:level} %{INT:code:int}",
            "CustomPatterns": "PREFIX [a-f0-9-]+",
        }
    }
    found = classify("2026-01-31T10:00:00Z [ab-1] INFO 7\n", "file", custom)
    assert found.format.classification == "crawls"
    assert columns(found) == {"at": "string", "run": "string", "level": "string", "code": "int"}
    assert dict(found.format.serde_settings)["input.grokCustomPatterns"] == "PREFIX [a-f0-9-]+"


def test_less_certain_custom_classifier_gives_way_to_a_certain_built_in_one(classify: Any) -> None:
    custom = {"GrokClassifier": {"Name": "g", "Classification": "mine", "GrokPattern": "%{INT:n},x"}}
    assert classify("1,x\nother,2\n", "file", custom).format.classification == "csv"


def test_less_certain_custom_classifier_counts_where_no_other_knows(classify: Any) -> None:
    custom = {"GrokClassifier": {"Name": "g", "Classification": "mine", "GrokPattern": "n=%{INT:n}"}}
    assert classify("n=1\nother\n", "file", custom).format.classification == "mine"


def test_grok_pattern_that_names_what_does_not_exist_is_refused() -> None:
    custom = {"GrokClassifier": {"Name": "g", "Classification": "x", "GrokPattern": "%{NOSUCH:a}"}}
    with pytest.raises(InvalidInput, match="NOSUCH, which is not defined"):
        ClassifierChain([custom])


# ---- compression, and what is not known


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "zstd", "lz4", "snappy"])
def test_compressed_csv_is_known_by_what_is_in_it(classify: Any, compression: str) -> None:
    plain = b"id,name\n1,x\n2,y\n"
    packed = {
        "gzip": gzip.compress,
        "bzip2": bz2.compress,
        "zstd": lambda data: _arrow_stream("zstd", data),
        "lz4": lambda data: _arrow_stream("lz4", data),
        "snappy": _hadoop_snappy,
    }[compression](plain)
    found = classify(packed, "data.csv.snappy" if compression == "snappy" else "data.csv")
    assert columns(found) == {"id": "bigint", "name": "string"}
    assert (found.format.classification, found.format.compression) == ("csv", compression)


def _arrow_stream(codec: str, data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, codec) as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def _hadoop_snappy(data: bytes) -> bytes:
    piece = pa.compress(data, codec="snappy", asbytes=True)
    return len(data).to_bytes(4, "big") + len(piece).to_bytes(4, "big") + piece


def test_gzip_that_is_no_gzip_is_unreadable(classify: Any) -> None:
    with pytest.raises(UnreadableFile, match="no gzip file"):
        classify(b"\x1f\x8b\x08rubbish")


def test_xml_is_refused_by_name(classify: Any) -> None:
    with pytest.raises(UnreadableFile, match="XML classifier is not supported"):
        classify("<?xml version='1.0'?><a><b>1</b></a>")


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"\xff\xfe binary", b"only one line"])
def test_what_no_classifier_knows_is_unknown(classify: Any, content: bytes) -> None:
    assert classify(content).format.classification == "UNKNOWN"
