"""Choices: columns of Spark jobs' DynamicFrames whose values are of several types."""

from __future__ import annotations

import io
import json
from typing import Any

from tests.glue.jobs.spark_scripts import GLUE, SPARK, needs_spark, succeeded

pytestmark = needs_spark

SHOW = """
import json
from awsglue.transforms import *

def show(name, frame):
    rows = [json.loads(line) for line in sorted(frame.toDF().toJSON().collect())]
    print(json.dumps({name: rows}))
"""


def test_json_field_of_several_types_is_a_choice_that_scripts_resolve(jobs):
    jobs.upload(
        "in/a.json",
        '{"id": 1, "v": 7, "in": {"p": 1}, "list": [{"price": 1.5}]}\n'
        '{"id": 2, "v": "x", "in": {"p": "$2"}, "list": [{"price": "$3"}]}\n',
    )
    jobs.upload("in/b.json", '{"id": 3, "v": 12345678901}\n{"id": 4, "v": null, "new": true}\n')
    script = (
        GLUE
        + SHOW
        + """
frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"s3://{args['bucket']}/in/"]}, "json")
frame.printSchema()
v = frame.select_fields(["id", "v"])
show("as it is", v)
show("cast", v.resolveChoice(specs=[("v", "cast:long")]))
show("project", ResolveChoice.apply(v, choice="project:string"))
show("make_cols", v.resolveChoice(choice="make_cols"))
show("make_struct", v.resolveChoice(specs=[("v", "make_struct")]))
show("nested", frame.select_fields(["in", "list"]).resolveChoice(
    specs=[("in.p", "cast:string"), ("list[].price", "cast:double")]))
show("mapped", v.apply_mapping([("id", "int", "id", "long"), ("v", "string", "text", "string")]))
texts = v.filter(lambda row: isinstance(row["v"], str))
show("python", texts.map(lambda row: {"id": row["id"], "v": [row["v"]]}))
show("same", v.map(lambda row: row).select_fields("v"))
show("joined", v.union(v).drop_fields("id"))
v.show(2)
"""
    )
    output = jobs.log(succeeded(jobs, script), "output")
    assert output.startswith(
        "root\n|-- id: int\n|-- v: choice\n|    |-- int\n|    |-- long\n|    |-- string\n"
        "|-- in: struct\n|    |-- p: choice\n|    |    |-- int\n|    |    |-- string\n"
        "|-- list: array\n|    |-- element: struct\n|    |    |-- price: choice\n"
        "|    |    |    |-- double\n|    |    |    |-- string\n|-- new: boolean\n"
    )
    shown = _shown(output)
    seven, text, large = {"int": 7}, {"string": "x"}, {"long": 12345678901}
    assert shown["as it is"] == [
        {"id": 1, "v": seven},
        {"id": 2, "v": text},
        {"id": 3, "v": large},
        {"id": 4},
    ]
    assert shown["make_struct"] == shown["as it is"]
    assert shown["cast"] == [{"id": 1, "v": 7}, {"id": 2}, {"id": 3, "v": 12345678901}, {"id": 4}]
    assert [row.get("v") for row in shown["project"]] == ["7", "x", "12345678901", None]
    assert shown["make_cols"] == [
        {"id": 1, "v_int": 7},
        {"id": 2, "v_string": "x"},
        {"id": 3, "v_long": 12345678901},
        {"id": 4},
    ]
    assert shown["nested"] == [
        {"in": {"p": "$2"}, "list": [{}]},
        {"in": {"p": "1"}, "list": [{"price": 1.5}]},
        {},
        {},
    ]
    assert shown["mapped"][0] == {"id": 1, "text": "7"}
    assert shown["python"] == [{"id": 2, "v": ["x"]}]
    assert shown["same"] == [{"v": seven}, {"v": large}, {"v": text}, {}]
    assert len(shown["joined"]) == 8
    assert output.splitlines()[-2:] == ['{"id":1,"v":7}', '{"id":2,"v":"x"}']


def test_lines_that_are_no_json_are_errors_and_no_records(jobs):
    jobs.upload(
        "in.json",
        '{"id": 1, "name": "george"}\n{"id": 2, "name": "benjamin",\n{"id": 4, "name": "john"}\n',
    )
    script = (
        GLUE
        + SHOW
        + """
frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"s3://{args['bucket']}/in.json"]}, "json")
show("records", frame)
halved = frame.map(lambda row: {"half": 2 // (row["id"] - 1)})
print(json.dumps({"counts": [frame.errorsCount(), halved.errorsCount(), halved.stageErrorsCount()]}))
show("errors", halved.errorsAsDynamicFrame())
some = frame.filter(lambda row: row["id"] // (row["id"] - 1) > 0 or row["missing"])
print(json.dumps({"filtered": [some.count(), some.stageErrorsCount()]}))
frame.map(lambda row: None, stageThreshold=1)
"""
    )
    run = jobs.run(jobs.define(script, {"--bucket": jobs.bucket}, **SPARK))
    assert run["ErrorMessage"] == "RuntimeError: 2 records had errors"
    shown = _shown(jobs.log(run, "output"))
    assert shown["records"] == [{"id": 1, "name": "george"}, {"id": 4, "name": "john"}]
    assert shown["counts"] == [1, 2, 1]
    assert shown["filtered"] == [1, 1]
    unread, unmade = sorted((row["error"] for row in shown["errors"]), key=lambda error: -len(error["input"]))
    assert unread["input"] == '{"id": 2, "name": "benjamin",'
    assert unmade["msg"].startswith("ZeroDivisionError")
    assert unmade["dynamicRecord"] == {"id": 1, "name": "george"}


def test_text_that_is_not_of_the_declared_type_is_not_lost(jobs, database):
    jobs.upload("t/a.csv", "10001,a,1.5\n10002,b,\nunknown,c,2\n")
    _table(jobs, database, "providers", "csv", [("id", "bigint"), ("name", "string"), ("charge", "double")])
    script = (
        GLUE.replace('"bucket"]', '"bucket", "database"]')
        + SHOW
        + """
named = {"database": args["database"], "table_name": "providers"}
frame = glue.create_dynamic_frame.from_catalog(**named)
frame.printSchema()
show("match_catalog", frame.resolveChoice(choice="match_catalog", **named))
glue.write_dynamic_frame.from_options(frame, "s3", {"path": f"s3://{args['bucket']}/json/"}, "json")
glue.write_dynamic_frame.from_options(frame, "s3", {"path": f"s3://{args['bucket']}/csv/"}, "csv")
glue.write_dynamic_frame.from_options(frame, "s3", {"path": f"s3://{args['bucket']}/parquet/"}, "parquet")
written = {"paths": [f"s3://{args['bucket']}/parquet/"]}
show("parquet", glue.create_dynamic_frame.from_options("s3", written, "parquet"))
"""
    )
    output = jobs.log(succeeded(jobs, script, {"--database": database}), "output")
    assert output.startswith(
        "root\n|-- id: choice\n|    |-- long\n|    |-- string\n|-- name: string\n|-- charge: double\n"
    )
    shown = _shown(output)
    assert [row.get("id") for row in shown["match_catalog"]] == [10001, 10002, None]
    assert [row["id"] for row in shown["parquet"]] == [
        {"long": 10001},
        {"long": 10002},
        {"string": "unknown"},
    ]
    (written,) = jobs.keys("json/")
    assert [json.loads(line)["id"] for line in jobs.content(written).splitlines()] == [
        10001,
        10002,
        "unknown",
    ]
    (written,) = jobs.keys("csv/")
    assert jobs.content(written).splitlines()[1:] == ["10001,a,1.5", "10002,b,", "unknown,c,2.0"]


def test_files_with_other_columns_and_types_are_read_whole(jobs):
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, columns in {
        "a": {"id": pa.array([1], pa.int64()), "old": ["x"]},
        "b": {"id": ["two"], "new": [True]},
        "c": {"id": pa.array([3], pa.int64())},
    }.items():
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer)
        jobs.upload(f"in/{name}.parquet", buffer.getvalue())
    script = (
        GLUE
        + SHOW
        + """
frame = glue.create_dynamic_frame.from_options("s3", {"paths": [f"s3://{args['bucket']}/in/"]}, "parquet")
frame.printSchema()
show("all", frame)
"""
    )
    output = jobs.log(succeeded(jobs, script), "output")
    assert "|-- id: choice\n|    |-- long\n|    |-- string\n" in output
    assert _shown(output)["all"] == [
        {"id": {"long": 1}, "old": "x"},
        {"id": {"long": 3}},
        {"id": {"string": "two"}, "new": True},
    ]


def _table(jobs: Any, database: str, name: str, kind: str, columns: list[tuple[str, str]]) -> None:
    libraries = {"csv": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}
    jobs.glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": name,
            "StorageDescriptor": {
                "Columns": [{"Name": column, "Type": type_} for column, type_ in columns],
                "Location": f"s3://{jobs.bucket}/t/",
                "SerdeInfo": {"SerializationLibrary": libraries[kind], "Parameters": {"field.delim": ","}},
            },
        },
    )


def _shown(output: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for line in output.splitlines():
        if line.startswith("{") and line.endswith("]}"):
            shown |= json.loads(line)
    return shown
