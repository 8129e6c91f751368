"""Spark jobs: plain PySpark on `s3://`, and the `awsglue` API."""

from __future__ import annotations

import datetime
import json
from typing import Any

import psutil
from tests.glue.jobs.spark_scripts import GLUE, SPARK, needs_spark, succeeded

pytestmark = needs_spark


def test_plain_pyspark_reads_and_writes_s3(jobs):
    jobs.upload("in/a.csv", "id,day\n1,mon\n2,tue\n")
    jobs.upload("in/b.csv", "id,day\n3,tue\n")
    script = """
import sys
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

bucket = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])["bucket"]
spark = SparkSession.builder.getOrCreate()
days = spark.read.option("header", True).csv(f"s3://{bucket}/in/").groupBy("day").count()
days.write.partitionBy("day").mode("overwrite").parquet(f"s3://{bucket}/out")
for row in spark.read.parquet(f"s3a://{bucket}/out").orderBy("day").collect():
    print(row["day"], row["count"])
"""
    run = succeeded(jobs, script)
    assert jobs.log(run, "output") == "mon 1\ntue 2"
    assert {key.split("/")[1] for key in jobs.keys("out/")} == {"day=mon", "day=tue"}


def test_spark_counts_its_work_for_the_metrics(jobs, cloud):
    script = GLUE + "print(glue.spark_session.range(10).repartition(2).count())"
    run = succeeded(jobs, script, {"--enable-metrics": "", "--enable-observability-metrics": "true"})
    values = {
        metric["MetricName"]: _metric(cloud, metric)
        for metric in cloud.client("cloudwatch").list_metrics(Namespace="Glue")["Metrics"]
        if {"Name": "JobRunId", "Value": run["Id"]} in metric["Dimensions"]
    }
    assert values["glue.driver.aggregate.numCompletedTasks"] >= 3
    assert values["glue.driver.aggregate.numFailedTasks"] == 0
    assert (values["glue.succeed.ALL"], values["glue.error.ALL"]) == (1, 0)


def test_write_that_fails_leaves_no_object(jobs):
    script = """
import sys
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

bucket = getResolvedOptions(sys.argv, ["bucket"])["bucket"]
spark = SparkSession.builder.getOrCreate()

def fail_late(row):
    if row[0] == 99:
        raise ValueError("row 99")
    return row

rows = spark.range(100).repartition(2).rdd.map(fail_late)
spark.createDataFrame(rows, "id bigint").write.parquet(f"s3://{bucket}/out")
"""
    run = jobs.run(jobs.define(script, {"--bucket": jobs.bucket}, **SPARK))
    assert run["JobRunState"] == "FAILED"
    assert "ValueError: row 99" in run["ErrorMessage"]
    assert jobs.keys("out/") == []


def test_bookmark_lets_a_run_read_what_is_new(jobs):
    jobs.upload("in/1.json", '{"id": 1}\n{"id": 2}\n')
    script = (
        GLUE
        + """
frame = glue.create_dynamic_frame.from_options(
    connection_type="s3",
    connection_options={"paths": [f"s3://{args['bucket']}/in/"]},
    format="json",
    transformation_ctx="source",
)
print(sorted(row["id"] for row in frame.toDF().collect()) if frame.count() else [])
job.commit()
"""
    )
    arguments = {"--bucket": jobs.bucket, "--job-bookmark-option": "job-bookmark-enable"}
    job = jobs.define(script, arguments, **SPARK)
    assert jobs.log(jobs.run(job), "output") == "[1, 2]"
    jobs.upload("in/2.json", '{"id": 3}\n')
    assert jobs.log(jobs.run(job), "output") == "[3]"
    assert jobs.log(jobs.run(job), "output") == "[]"
    entry = jobs.glue.get_job_bookmark(JobName=job)["JobBookmarkEntry"]
    assert set(json.loads(entry["JobBookmark"])["source"]) == {
        f"s3://{jobs.bucket}/in/1.json",
        f"s3://{jobs.bucket}/in/2.json",
    }
    jobs.glue.reset_job_bookmark(JobName=job)
    assert jobs.log(jobs.run(job), "output") == "[1, 2, 3]"


def test_frame_goes_from_table_to_table(jobs, database):
    _sales_table(jobs, database)
    script = (
        GLUE
        + """
from awsglue.transforms import ApplyMapping, Filter

sales = glue.create_dynamic_frame.from_catalog(
    database=args["database"], table_name="sales", push_down_predicate="day > '2026-01-01'"
)
large = Filter.apply(frame=sales, f=lambda row: row["amount"] >= 2)
named = ApplyMapping.apply(
    frame=large,
    mappings=[("id", "string", "sale_id", "int"), ("amount", "double", "amount", "decimal(10,2)"),
              ("day", "string", "day", "string")],
)
sink = glue.getSink(
    connection_type="s3", path=f"s3://{args['bucket']}/large/", enableUpdateCatalog=True,
    updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["day"],
)
sink.setFormat("glueparquet")
sink.setCatalogInfo(catalogDatabase=args["database"], catalogTableName="large")
sink.writeFrame(named)
job.commit()
"""
    ).replace('"bucket"]', '"bucket", "database"]', 1)
    succeeded(jobs, script, {"--database": database})
    rows = jobs.query("SELECT day, sale_id, amount FROM large ORDER BY sale_id", database)
    assert rows == [("2026-01-02", "2", "2.00"), ("2026-01-03", "4", "4.50")]


def test_spark_sql_sees_and_changes_the_data_catalog(jobs, database):
    _sales_table(jobs, database)
    script = """
import sys
from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

database = getResolvedOptions(sys.argv, ["database"])["database"]
spark = SparkSession.builder.getOrCreate()
spark.sql(f"USE {database}")
query = "SELECT day, sum(amount) AS total FROM sales WHERE day > '2026-01-01' GROUP BY day"
spark.sql(f"CREATE TABLE totals USING parquet AS {query}")
spark.table(f"{database}.sales").write.format("parquet").partitionBy("day").saveAsTable("by_day")
spark.sql(f"INSERT INTO {database}.by_day VALUES ('5', 7.5, '2026-01-05')")
print(spark.sql("SELECT count(*) FROM by_day").first()[0])
"""
    overwrite = script.split("query =")[0] + (
        "spark.range(3).write.mode('overwrite').saveAsTable('totals')\nspark.sql('DROP TABLE by_day')\n"
    )
    run = succeeded(jobs, script, {"--database": database, "--enable-glue-datacatalog": "true"})
    assert jobs.log(run, "output") == "5"
    totals = jobs.query("SELECT day, total FROM totals ORDER BY day", database)
    assert totals == [("2026-01-02", "3.0"), ("2026-01-03", "4.5")]
    by_day = jobs.query("SELECT id, amount, day FROM by_day WHERE day >= '2026-01-03' ORDER BY day", database)
    assert by_day == [("4", "4.5", "2026-01-03"), ("5", "7.5", "2026-01-05")]
    partitions = jobs.glue.get_partitions(DatabaseName=database, TableName="by_day")["Partitions"]
    assert len(partitions) == 4
    succeeded(jobs, overwrite, {"--database": database, "--enable-glue-datacatalog": "true"})
    assert jobs.query("SELECT * FROM totals ORDER BY id", database) == [("0",), ("1",), ("2",)]
    tables = jobs.glue.get_tables(DatabaseName=database)["TableList"]
    assert [table["Name"] for table in tables] == ["sales", "totals"]


def test_transforms_give_the_records_that_aws_documents(jobs):
    jobs.upload("people.json", '{"name": {"first": "Ada"}, "age": 36, "tags": ["x", "y"], "empty": null}\n')
    script = (
        GLUE
        + """
import json
from awsglue.dynamicframe import DynamicFrame
from awsglue.transforms import *

def show(name, frame):
    print(json.dumps({name: [json.loads(line) for line in sorted(frame.toDF().toJSON().collect())]}))

people = glue.create_dynamic_frame.from_options(
    "s3", {"paths": [f"s3://{args['bucket']}/people.json"]}, "json"
)
show("select", SelectFields.apply(people, ["age", "name.first", "missing"]))
show("drop", people.drop_fields(["name.first", "tags", "empty"]))
show("drop_null", DropNullFields.apply(people).drop_fields(["tags"]))
show("rename", people.select_fields(["age", "name"]).rename_field("name.first", "first"))
show("map", Map.apply(people, lambda row: {"next": row["age"] + 1, "half": row["age"] / 8}))
show("cast", people.select_fields("age").resolveChoice(specs=[("age", "cast:string")]))
frames = Relationalize.apply(people, name="people").keys()
print(json.dumps({"relationalize": sorted(frames)}))
show("tags", people.relationalize("people").select("people_tags").drop_fields("id"))
one = DynamicFrame.fromDF(glue.createDataFrame([(1, "a"), (2, "b")], "id int, one string"), glue, "one")
two = DynamicFrame.fromDF(glue.createDataFrame([(2, "c")], "id int, two string"), glue, "two")
show("join", Join.apply(one, two, "id", "id"))
show("split", one.split_rows({"id": {">": 1}}, "big", "small").select("big"))
show("nested", one.apply_mapping([("one", "string", "a.b.c", "string")]))
boxed = DynamicFrame.fromDF(glue.createDataFrame([(1, ("{\\"a\\": [{\\"b\\": [1, 2]}]}",)), (2, ("{",))],
                            "id int, in struct<doc: string>"), glue, "boxed")
unboxed = Unbox.apply(boxed, "in.doc", "json")
show("unbox", unboxed)
show("kept", unboxed.apply_mapping([("in", "struct", "out", "struct")]))
print(json.dumps({"not unboxed": unboxed.errorsCount()}))
print(json.dumps({"arrays": sorted(unboxed.relationalize("root").keys())}))
show("keys", one.join("id", "in.id", two.rename_field("id", "in.id")).select_fields(["one", "two"]))
failing = one.map(lambda row: {"id": 1 // (row["id"] - 1)})
print(json.dumps({"errors": failing.errorsCount()}))
people.printSchema()
"""
    )
    lines = jobs.log(succeeded(jobs, script), "output").splitlines()
    shown: dict[str, Any] = {}
    for line in lines[:17]:
        shown |= json.loads(line)
    assert shown == {
        "select": [{"age": 36, "name": {"first": "Ada"}}],
        "drop": [{"age": 36}],
        "drop_null": [{"age": 36, "name": {"first": "Ada"}}],
        "rename": [{"age": 36, "first": "Ada"}],
        "map": [{"next": 37, "half": 4.5}],
        "cast": [{"age": "36"}],
        "relationalize": ["people", "people_tags"],
        "tags": [{"index": 0, "tags.val": "x"}, {"index": 1, "tags.val": "y"}],
        "join": [{"id": 2, "one": "b", ".id": 2, "two": "c"}],
        "split": [{"id": 2, "one": "b"}],
        "nested": [{"a": {"b": {"c": "a"}}}, {"a": {"b": {"c": "b"}}}],
        "unbox": [{"id": 1, "in": {"doc": {"a": [{"b": [1, 2]}]}}}],
        "kept": [{"out": {"doc": {"a": [{"b": [1, 2]}]}}}],
        "not unboxed": 1,
        "arrays": ["root", "root_in.doc.a", "root_in.doc.a.val.b"],
        "keys": [{"one": "b", "two": "c"}],
        "errors": 1,
    }
    assert lines[17:19] == ["root", "|-- name: struct"]


def test_stopped_spark_job_leaves_no_process(jobs, cloud):
    job = jobs.define(
        GLUE + "print('ready', flush=True)\nimport time; time.sleep(100)", {"--bucket": jobs.bucket}, **SPARK
    )
    before = _java()
    run_id = jobs.start(job)
    cloud.wait_for.log_line("/aws-glue/jobs/output", "ready")
    assert _java() - before
    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert jobs.ended(job, run_id)["JobRunState"] == "STOPPED"
    cloud.wait_for.condition(lambda: not _java() - before, "Spark has ended")


def _sales_table(jobs: Any, database: str) -> None:
    location = f"s3://{jobs.bucket}/sales/"
    storage = {
        "Columns": [{"Name": "id", "Type": "string"}, {"Name": "amount", "Type": "double"}],
        "Location": location,
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
    }
    jobs.glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": "sales",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"skip.header.line.count": "1"},
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
            "StorageDescriptor": storage,
        },
    )
    days = {
        "2026-01-01": "id,amount\n1,9\n",
        "2026-01-02": "id,amount\n2,2\n3,1\n",
        "2026-01-03": "id,amount\n4,4.5\n",
    }
    for day, content in days.items():
        # The last one lies where its folder does not tell its day.
        folder = f"elsewhere/{day}" if day.endswith("3") else f"day={day}"
        jobs.upload(f"sales/{folder}/part.csv", content)
        jobs.glue.create_partition(
            DatabaseName=database,
            TableName="sales",
            PartitionInput={
                "Values": [day],
                "StorageDescriptor": {**storage, "Location": f"{location}{folder}/"},
            },
        )


def _metric(cloud: Any, metric: dict[str, Any]) -> float:
    now = datetime.datetime.now(datetime.UTC)
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="Glue",
        MetricName=metric["MetricName"],
        Dimensions=metric["Dimensions"],
        StartTime=now - datetime.timedelta(hours=1),
        EndTime=now + datetime.timedelta(hours=1),
        Period=7200,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


def _java() -> set[int]:
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if child.name() == "java"}
