"""What goes wrong while a day is taken in: the kind that is named, and the state of the lake afterwards."""

from __future__ import annotations

import gzip
import json

from mwaa_dags.pipelines import Pipelines


def test_a_missing_file_is_a_problem_of_data_and_nothing_is_loaded(pipelines: Pipelines) -> None:
    day = pipelines.days[3]
    # A test run never gives up what waits in the triggerer: here the worker waits.
    row = pipelines.run(
        "ingest_batch", day, LAKE_FILE_PATIENCE_SECONDS="1", AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE="False"
    )
    assert (row["status"], row["category"]) == ("failed", "data")
    assert "wait_for.sales" in row["failed_tasks"]
    assert pipelines.loaded("sales", day) == 0


def test_a_file_with_a_changed_schema_is_refused_whole_and_says_what_is_missing(pipelines: Pipelines) -> None:
    day = pipelines.days[2]
    pipelines.endpoint.client("s3").put_object(
        Bucket=pipelines.outputs["landing_bucket"],
        Key=f"sales/{day}.csv.gz",
        Body=gzip.compress(b"InvoiceNo,StockCode,Amount\n1,2,3\n"),
    )
    row = pipelines.run("ingest_batch", day)
    assert (row["status"], row["category"]) == ("failed", "data")
    assert "UnitPrice" in row["message"]
    assert pipelines.loaded("sales", day) == 0


def test_a_permission_taken_away_is_named_and_the_day_runs_once_it_is_back(pipelines: Pipelines) -> None:
    day, iam = pipelines.days[0], pipelines.endpoint.client("iam")
    pipelines.drop(day)
    role = str(pipelines.outputs["airflow_role_arn"]).rpartition("/")[2]
    denial = {"Effect": "Deny", "Action": "states:StartExecution", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    iam.put_role_policy(RoleName=role, PolicyName="taken-away", PolicyDocument=document)
    refused = pipelines.run("ingest_batch", day)
    iam.delete_role_policy(RoleName=role, PolicyName="taken-away")
    assert (refused["status"], refused["category"]) == ("failed", "permission")
    assert "load" in refused["failed_tasks"].split(",")

    assert pipelines.run("ingest_batch", day)["status"] == "succeeded"
    assert pipelines.loaded("sales", day) > 0
    failures = pipelines.endpoint.client("cloudwatch").list_metrics(
        Namespace=pipelines.outputs["pipelines_namespace"], MetricName="Failures"
    )
    categories = {d["Value"] for m in failures["Metrics"] for d in m["Dimensions"] if d["Name"] == "Category"}
    assert {"permission"} <= categories


def test_a_day_that_is_run_again_changes_nothing(pipelines: Pipelines) -> None:
    day = pipelines.days[0]
    pipelines.drop(day)
    pipelines.run("ingest_batch", day)
    first, rows = pipelines.runs("ingest_batch")[-1], pipelines.loaded("sales", day)
    second = pipelines.run("ingest_batch", day)
    assert (second["status"], second["row_count"]) == ("succeeded", first["row_count"])
    assert pipelines.loaded("sales", day) == rows
