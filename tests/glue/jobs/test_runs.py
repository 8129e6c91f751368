"""The course of runs: time-outs, stops, retries, concurrency, and what others are told of it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError
from tests.glue.jobs.conftest import Jobs, role_for_jobs

from millpond.server import process
from millpond.testing.cloud import in_own_process

SLEEP = "import time; time.sleep(60)"
START_A_CHILD = """
    import os, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    print("pids", os.getpid(), child.pid, flush=True)
    time.sleep(300)
"""


def test_time_out_ends_the_process_and_its_children(jobs, cloud, short_minutes):
    job = jobs.define(START_A_CHILD, Timeout=5)
    run = jobs.run(job)
    assert run["JobRunState"] == "TIMEOUT"
    assert run["ErrorMessage"] == "Job run exceeded its timeout of 5 minutes"
    assert run["ExecutionTime"] >= 5
    assert _none_alive(jobs.log(run, "output"))


def test_stopped_run_ends_with_its_children(jobs, cloud):
    job = jobs.define(START_A_CHILD)
    run_id = jobs.start(job)
    cloud.wait_for.condition(lambda: _printed(jobs, run_id), "the child runs")
    answer = jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_nothing"])
    assert [item["JobRunId"] for item in answer["SuccessfulSubmissions"]] == [run_id]
    assert [item["ErrorDetail"]["ErrorCode"] for item in answer["Errors"]] == ["EntityNotFoundException"]
    run = jobs.ended(job, run_id)
    assert run["JobRunState"] == "STOPPED"
    assert _none_alive(jobs.log(run, "output"))


def test_failed_run_is_tried_again_as_a_run_of_its_own(jobs, cloud):
    job = jobs.define(
        """
        import sys
        import boto3
        from awsglue.utils import getResolvedOptions

        bucket, s3 = getResolvedOptions(sys.argv, ["bucket"])["bucket"], boto3.client("s3")
        tried = s3.list_objects_v2(Bucket=bucket, Prefix="tries/")["KeyCount"]
        s3.put_object(Bucket=bucket, Key=f"tries/{tried}")
        if tried < 1:
            raise ValueError("not yet")
        """,
        {"--bucket": jobs.bucket},
        MaxRetries=2,
    )
    first = jobs.run(job)
    assert (first["JobRunState"], first["ErrorMessage"]) == ("FAILED", "ValueError: not yet")
    cloud.wait_for.condition(lambda: len(_runs(jobs, job)) == 2, "it is tried again")
    second = jobs.ended(job, f"{first['Id']}_attempt_1")
    assert (second["JobRunState"], second["Attempt"]) == ("SUCCEEDED", 1)
    assert second["PreviousRunId"] == first["Id"]
    assert jobs.keys("tries/") == ["tries/0", "tries/1"]
    assert [run["Id"] for run in jobs.glue.get_job_runs(JobName=job)["JobRuns"]] == [
        second["Id"],
        first["Id"],
    ]


def test_more_runs_than_the_job_allows_are_refused(jobs):
    job = jobs.define(SLEEP, ExecutionProperty={"MaxConcurrentRuns": 2})
    started = [jobs.start(job), jobs.start(job)]
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        jobs.start(job)
    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=started)
    for run_id in started:
        jobs.ended(job, run_id)


def test_queued_run_waits_for_the_one_before(jobs):
    job = jobs.define("import time; time.sleep(1)")
    first = jobs.start(job)
    second = jobs.start(job, JobRunQueuingEnabled=True)
    assert jobs.glue.get_job_run(JobName=job, RunId=second)["JobRun"]["JobRunState"] == "WAITING"
    third = jobs.start(job, JobRunQueuingEnabled=True)
    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[third])
    states = [jobs.ended(job, run_id)["JobRunState"] for run_id in (first, second, third)]
    assert states == ["SUCCEEDED", "SUCCEEDED", "STOPPED"]


def test_end_of_a_run_is_an_event(jobs, cloud):
    job = jobs.define("raise ValueError('boom')")
    receive = _events(cloud, {"detail-type": ["Glue Job State Change"], "detail": {"jobName": [job]}})
    run = jobs.run(job)
    (detail,) = receive()
    assert (detail["state"], detail["severity"], detail["message"]) == ("FAILED", "ERROR", "ValueError: boom")
    assert detail["jobRunId"] == run["Id"]


def test_arguments_of_time_and_size_are_checked(jobs):
    job = jobs.define("pass")
    with pytest.raises(ClientError, match="Worker Type"):
        jobs.start(job, WorkerType="G.1X", MaxCapacity=1.0)
    with pytest.raises(ClientError, match="EntityNotFound"):
        jobs.glue.start_job_run(JobName="no-such-job")


def test_run_that_takes_long_is_told(jobs, cloud, short_minutes):
    job = jobs.define("import time; time.sleep(2)", NotificationProperty={"NotifyDelayAfter": 1})
    receive = _events(cloud, {"detail-type": ["Glue Job Run Status"], "detail": {"jobName": [job]}})
    run = jobs.run(job)
    (detail,) = receive()
    assert (detail["jobRunId"], detail["state"]) == (run["Id"], "RUNNING")
    assert detail["notificationCondition"] == {"NotifyDelayAfter": 1.0}


def test_killed_server_leaves_no_job_behind(tmp_path):
    with in_own_process(tmp_path) as cloud:
        s3, glue = cloud.client("s3"), cloud.client("glue")
        s3.create_bucket(Bucket="code")
        jobs = Jobs(cloud, "code", role_for_jobs(cloud))
        job = jobs.define(START_A_CHILD)
        run_id = glue.start_job_run(JobName=job)["JobRunId"]
        cloud.wait_for.condition(lambda: _printed(jobs, run_id), "the child runs")
        log = jobs.log({"LogGroupName": "/aws-glue/python-jobs", "Id": run_id}, "output")
        os.kill(process.find(tmp_path).pid, signal.SIGKILL)
        cloud.wait_for.condition(lambda: _none_alive(log), "the job has ended", timeout=5)


def _runs(jobs, job: str) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = jobs.glue.get_job_runs(JobName=job)["JobRuns"]
    return runs


def _printed(jobs, run_id: str) -> bool:
    try:
        return "pids" in jobs.log({"LogGroupName": "/aws-glue/python-jobs", "Id": run_id}, "output")
    except ClientError:
        return False  # nothing has been printed


def _events(cloud, pattern: dict[str, Any]) -> Callable[[], list[dict[str, Any]]]:
    """What receives the details of the events that match a pattern from now on."""
    queue, events, name = cloud.client("sqs"), cloud.client("events"), cloud.unique_name("events")
    url = queue.create_queue(QueueName=name)["QueueUrl"]
    arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    queue.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])

    def receive() -> list[dict[str, Any]]:
        messages = queue.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", [])
        return [json.loads(message["Body"])["detail"] for message in messages]

    return receive


def _none_alive(log: str) -> bool:
    pids = [int(word) for word in log.split()[1:]]
    assert len(pids) == 2, log
    return not any(_alive(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
