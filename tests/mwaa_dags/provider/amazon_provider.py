"""Operators and sensors of the Amazon provider, as they block a worker and as they wait in the triggerer."""

import os
from typing import Any

from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.operators.glue_crawler import GlueCrawlerOperator
from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator
from airflow.providers.amazon.aws.operators.step_function import (
    StepFunctionGetExecutionOutputOperator,
    StepFunctionStartExecutionOperator,
)
from airflow.providers.amazon.aws.sensors.athena import AthenaSensor
from airflow.providers.amazon.aws.sensors.glue import GlueJobSensor
from airflow.providers.amazon.aws.sensors.glue_crawler import GlueCrawlerSensor
from airflow.providers.amazon.aws.sensors.lambda_function import LambdaFunctionStateSensor
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.amazon.aws.sensors.step_function import StepFunctionExecutionSensor
from airflow.sdk import DAG, task

LAKE = {
    name.removeprefix("LAKE_").lower(): value
    for name, value in os.environ.items()
    if name.startswith("LAKE_")
}
WAYS = {"blocking": False, "deferred": True}
SOON = {"poke_interval": 0.5, "timeout": 60}

with DAG("amazon_provider", schedule=None) as dag:

    @task
    def rows(query: str) -> list[Any]:
        """The result of a query, through the hook."""
        pages = AthenaHook().get_query_results_paginator(query)
        return [
            [v.get("VarCharValue") for v in row["Data"]]
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]

    for way, deferrable in WAYS.items():
        athena = AthenaOperator(
            task_id=f"athena_{way}",
            query="SELECT 6 * 7 AS answer",
            database=LAKE["marts_database"],
            workgroup=LAKE["analyst_workgroup"],
            sleep_time=1,
            deferrable=deferrable,
        )
        seen = AthenaSensor(
            task_id=f"athena_sensor_{way}", query_execution_id=athena.output, sleep_time=1, **SOON
        )
        result = rows.override(task_id=f"athena_rows_{way}")(athena.output)
        job = GlueJobOperator(
            task_id=f"glue_{way}",
            job_name=LAKE["compact_raw_job"],
            job_poll_interval=1,
            verbose=not deferrable,
            deferrable=deferrable,
        )
        job_seen = GlueJobSensor(
            task_id=f"glue_sensor_{way}",
            job_name=LAKE["compact_raw_job"],
            run_id=job.output,
            deferrable=deferrable,
            **SOON,
        )
        crawl = GlueCrawlerOperator(
            task_id=f"crawler_{way}",
            config={"Name": LAKE["landing_crawler"]},
            poll_interval=1,
            deferrable=deferrable,
        )
        crawled = GlueCrawlerSensor(
            task_id=f"crawler_sensor_{way}", crawler_name=LAKE["landing_crawler"], **SOON
        )
        S3KeySensor(
            task_id=f"s3_sensor_{way}",
            bucket_name=LAKE["landing_bucket"],
            bucket_key="drills/*.txt",
            wildcard_match=True,
            deferrable=deferrable,
            **SOON,
        )
        execution = StepFunctionStartExecutionOperator(
            task_id=f"machine_{way}",
            state_machine_arn=LAKE["batch_load_state_machine_arn"],
            state_machine_input={"files": []},
            waiter_delay=1,
            waiter_max_attempts=100,
            deferrable=deferrable,
        )
        executed = StepFunctionExecutionSensor(
            task_id=f"machine_sensor_{way}", execution_arn=execution.output, **SOON
        )
        StepFunctionGetExecutionOutputOperator(
            task_id=f"machine_output_{way}", execution_arn=execution.output
        ).set_upstream(executed)
        athena >> seen
        job >> job_seen
        crawl >> crawled
    # One crawl at a time, and one run of the job.
    [
        dag.get_task(f"{name}_sensor_blocking") >> dag.get_task(f"{name}_deferred")
        for name in ("crawler", "glue")
    ]
    dag.get_task("glue_sensor_deferred") >> [dag.get_task(f"machine_{way}") for way in WAYS]
    dag.get_task("machine_sensor_blocking") >> dag.get_task("machine_deferred")
    LambdaInvokeFunctionOperator(
        task_id="lambda", function_name=LAKE["ingest_function"], payload='{"Records": []}'
    ).set_upstream(
        LambdaFunctionStateSensor(task_id="lambda_sensor", function_name=LAKE["ingest_function"], **SOON)
    )
