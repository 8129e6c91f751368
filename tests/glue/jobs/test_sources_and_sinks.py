"""What Spark jobs read and write: options of sources, formats and sinks."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.glue.jobs.spark_scripts import GLUE, SPARK, needs_spark, succeeded

pytestmark = needs_spark

READ = """
import json

def read(name, paths, format, options=None, context="", **more):
    paths = [f"s3://{args['bucket']}/{path}" for path in paths]
    frame = glue.create_dynamic_frame.from_options(
        "s3", {"paths": paths, **more}, format, options or {}, transformation_ctx=context
    )
    rows = sorted(map(json.dumps, (json.loads(line) for line in frame.toDF().toJSON().collect())))
    print(json.dumps({name: [json.loads(row) for row in rows]}))
    return frame
"""


def test_options_say_which_objects_are_read_and_how(jobs):
    jobs.upload("csv/a.csv", 'id;text\n1;"a;b"\n')
    jobs.upload("csv/deep/b.csv", "id;text\n2;c\n")
    jobs.upload("csv/c.tmp", "id;text\n3;d\n")
    jobs.upload("gz/a.csv.gz", gzip.compress(b"x,y\n"))
    jobs.upload("nested/a.json", '{"meta": 1,\n "records": [{"id": 1},\n {"id": 2}]}')
    jobs.upload("array/a.json", '[{"id": 1}, {"id": 2}]\n')
    jobs.upload("days/day=01/a.json", '{"id": 1}')
    script = (
        GLUE
        + READ
        + """
csv = {"withHeader": True, "separator": ";"}
as_ever = {"groupFiles": "inPartition", "useS3ListImplementation": True}
read("all", ["csv/"], "csv", csv, exclusions='["**.tmp"]', **as_ever)
read("flat", ["csv/"], "csv", csv, recurse=False, exclusions=["**.tmp"])
read("unquoted", ["csv/a.csv"], "csv", {**csv, "quoteChar": -1, "separator": ","})
read("no header", ["gz/"], "csv")
read("path", ["nested/"], "json", {"multiLine": True, "jsonPath": "$.records[*]"})
read("array", ["array/"], "json")
read("folder", ["days/"], "json")
read("bounded", ["csv/"], "csv", csv, exclusions='["**.tmp"]', boundedFiles=1)
source = glue.getSource("s3", paths=[f"s3://{args['bucket']}/array/"])
source.setFormat("json")
print(json.dumps({"source": [source.getFrame().count(), source.getSampleFrame(1).count()]}))
refused = {}
for name, call in {
    "format": lambda: read("", ["csv/"], "ion"),
    "option": lambda: read("", ["csv/"], "csv", attachFilename="f"),
    "format option": lambda: read("", ["csv/"], "csv", {"skipFirst": True}),
    "path": lambda: read("", ["array/"], "json", {"jsonPath": "$..id"}),
    "connection": lambda: glue.create_dynamic_frame.from_options("mysql", {"url": "jdbc:mysql://x"}),
    "stream": lambda: glue.forEachBatch(None),
}.items():
    try:
        call()
    except NotImplementedError as error:
        refused[name] = str(error).partition(" is not supported")[0]
print(json.dumps({"refused": [refused]}))
"""
    )
    shown = _shown(jobs.log(succeeded(jobs, script), "output"))
    assert shown == {
        "all": [{"id": "1", "text": "a;b"}, {"id": "2", "text": "c"}],
        "flat": [{"id": "1", "text": "a;b"}],
        "unquoted": [{"id;text": '1;"a;b"'}],
        "no header": [{"col0": "x", "col1": "y"}],
        "path": [{"id": 1}, {"id": 2}],
        "array": [{"id": 1}, {"id": 2}],
        "folder": [{"id": 1, "day": 1}],
        "bounded": [{"id": "1", "text": "a;b"}],
        "source": [2, 1],
        "refused": [
            {
                "format": "The data format ion",
                "option": "The option attachFilename of a source in S3",
                "format option": "The option skipFirst of the data format csv",
                "path": "The JSON path $..id (names, indexes and [*] are)",
                "connection": "The connection type mysql",
                "stream": "GlueContext.forEachBatch",
            }
        ],
    }


def test_bookmark_follows_objects_that_are_written_again_and_bounds(jobs):
    for number in (1, 2, 3):
        jobs.upload(f"in/{number}.json", json.dumps({"id": number}))
    script = (
        GLUE
        + READ
        + """
read("read", ["in/"], "json", context="source", **json.loads(args["bound"]))
job.commit()
"""
    ).replace('"bucket"]', '"bucket", "bound"]')
    enabled = {"--bucket": jobs.bucket, "--bound": "{}", "--job-bookmark-option": "job-bookmark-enable"}
    job = jobs.define(script, enabled, **SPARK)

    def ids(**arguments: str) -> tuple[str, list[int]]:
        run = jobs.run(
            job, Arguments={f"--{name.replace('_', '-')}": text for name, text in arguments.items()}
        )
        return run["Id"], [row["id"] for row in _shown(jobs.log(run, "output"))["read"]]

    first, found = ids(bound='{"boundedFiles": 2}')
    assert found == [1, 2]
    assert ids()[1] == [3]
    jobs.upload("in/1.json", '{"id": 10}')
    paused = {"job_bookmark_option": "job-bookmark-pause"}
    assert ids(**paused)[1] == [10]
    assert ids()[1] == [10]
    assert ids(**paused, job_bookmark_from="0", job_bookmark_to=first)[1] == [2]
    jobs.glue.reset_job_bookmark(JobName=job, RunId=first)
    assert ids()[1] == [10, 3]


def test_sink_writes_folders_partitions_columns_and_compressed_files(jobs, database):
    script = (
        GLUE
        + """
from awsglue.dynamicframe import DynamicFrame

def write(rows, columns, **options):
    frame = DynamicFrame.fromDF(glue.createDataFrame(rows, columns), glue, "frame")
    path = f"s3://{args['bucket']}/t/"
    sink = glue.getSink("s3", path=path, enableUpdateCatalog=True, partitionKeys=["day"], **options)
    sink.setCatalogInfo(args["database"], "t")
    sink.setFormat("json")
    sink.writeFrame(frame)

write([(1, "mon")], ["id", "day"])
write([(2, "tue", "x")], ["id", "day", "new"], updateBehavior="LOG", compression="gzip")
write([(3, "wed", "y")], ["id", "day", "added"], updateBehavior="UPDATE_IN_DATABASE")
frame = glue.create_dynamic_frame.from_catalog(args["database"], "t", push_down_predicate="day <> 'mon'")
glue.write_dynamic_frame.from_options(
    frame, "s3", {"path": f"s3://{args['bucket']}/csv/"}, "csv",
    {"separator": "|", "writeHeader": False, "quoteChar": -1, "compression": "gzip"},
)
glue.write_dynamic_frame.from_catalog(
    frame, args["database"], "t", additional_options={"partitionKeys": ["day"]}
)
glue.purge_table(args["database"], "t", {"partitionPredicate": "day = 'mon'", "retentionPeriod": 0})
glue.purge_table(args["database"], "t", {"partitionPredicate": "day = 'tue'"})
"""
    ).replace('"bucket"]', '"bucket", "database"]')
    succeeded(jobs, script, {"--database": database})
    table = jobs.glue.get_table(DatabaseName=database, Name="t")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["id", "added"]
    rows = jobs.query("SELECT id, day, added FROM t ORDER BY 1, 2", database)
    assert rows == [("2", "tue", None), ("2", "tue", None), ("3", "wed", "y"), ("3", "wed", "y")]
    partitions = jobs.glue.get_partitions(DatabaseName=database, TableName="t")["Partitions"]
    assert sorted(partition["Values"] for partition in partitions) == [["tue"], ["wed"]]
    assert any(key.endswith(".json.gz") for key in jobs.keys("t/day=tue/"))
    lines = [
        line
        for key in jobs.keys("csv/")
        for line in gzip.decompress(
            jobs.s3.get_object(Bucket=jobs.bucket, Key=key)["Body"].read()
        ).splitlines()
    ]
    assert sorted(lines) == [b"2|x||tue", b"3||y|wed"]


def test_avro_goes_through_the_catalog_and_keeps_its_types(jobs, database):
    script = (
        GLUE
        + READ
        + """
from awsglue.dynamicframe import DynamicFrame

table = {"database": args["database"], "table_name": "t"}
path = f"s3://{args['bucket']}/t/"
rows = glue.spark_session.sql(
    "SELECT 1 AS id, 'x' AS name, cast(1.5 AS decimal(9,2)) AS price, timestamp'2026-01-02 03:04:05' AS at, "
    "array(named_struct('n', 1L)) AS items, '2026-01-02' AS day UNION ALL "
    "SELECT 2, null, null, null, null, '2026-01-03'"
)
sink = glue.getSink("s3", path=path, enableUpdateCatalog=True, partitionKeys=["day"])
sink.setCatalogInfo(args["database"], "t")
sink.setFormat("avro", version="1.8")
sink.writeFrame(DynamicFrame.fromDF(rows, glue, "rows"))
glue.create_dynamic_frame.from_catalog(**table, push_down_predicate="day > '2026-01-02'").printSchema()
read("typed", ["t/"], "avro", {"version": "1.8"})
read("plain", ["t/day=2026-01-02/"], "avro")
text = glue.spark_session.sql("SELECT 'three' AS id, '2026-01-04' AS day")
other = DynamicFrame.fromDF(text, glue, "other")
glue.write_dynamic_frame.from_options(
    other, "s3", {"path": path, "partitionKeys": ["day"], "compression": "deflate"}, "avro"
)
read("mixed", ["t/"], "avro").printSchema()
"""
    ).replace('"bucket"]', '"bucket", "database"]')
    output = jobs.log(succeeded(jobs, script, {"--database": database}), "output")
    assert output.startswith(
        "root\n|-- id: int\n|-- name: string\n|-- price: decimal(9,2)\n|-- at: timestamp\n"
        "|-- items: array\n|    |-- element: struct\n|    |    |-- n: long\n|-- day: string\n"
    )
    assert "|-- id: choice\n|    |-- int\n|    |-- string\n" in output
    shown = _shown(output)
    assert shown["typed"] == [
        {
            "id": 1,
            "name": "x",
            "price": 1.50,
            "at": "2026-01-02T03:04:05.000Z",
            "items": [{"n": 1}],
            "day": "2026-01-02",
        },
        {"id": 2, "day": "2026-01-03"},
    ]
    assert shown["plain"][0]["at"] == 1767323045000000
    assert [row["id"] for row in shown["mixed"]] == [{"int": 1}, {"int": 2}, {"string": "three"}]
    rows = jobs.query("SELECT id, name, price, at, items[1].n, day FROM t ORDER BY id", database)
    assert rows == [
        ("1", "x", "1.50", "2026-01-02 03:04:05.000", "1", "2026-01-02"),
        ("2", None, None, None, None, "2026-01-03"),
    ]


def _shown(output: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for line in output.splitlines():
        if line.startswith("{"):
            shown |= json.loads(line)
    return shown
