"""Python shell jobs: what they are given, what they leave, and how they end."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError

WRITE_ARGUMENTS = """
    import json, sys
    import boto3
    from awsglue.utils import getResolvedOptions

    options = getResolvedOptions(sys.argv, ["bucket", "day"])
    boto3.client("s3").put_object(Bucket=options["bucket"], Key="out.json", Body=json.dumps(options))
    print("wrote", options["day"])
"""


def test_script_gets_the_jobs_arguments_with_the_runs_over_them(jobs):
    job = jobs.define(WRITE_ARGUMENTS, {"--bucket": jobs.bucket, "--day": "monday"})
    run = jobs.run(job, Arguments={"--day": "tuesday"})
    assert run["JobRunState"] == "SUCCEEDED", run
    written = json.loads(jobs.content("out.json"))
    assert (written["bucket"], written["day"]) == (jobs.bucket, "tuesday")
    assert jobs.log(run, "output") == "wrote tuesday"


def test_role_of_the_job_is_who_the_script_is(jobs):
    job = jobs.define(
        "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])",
    )
    run = jobs.run(job)
    role = jobs.role.rpartition("/")[2]
    assert jobs.log(run, "output").endswith(f"assumed-role/{role}/GlueJobRunnerSession")


def test_awswrangler_writes_a_table_that_athena_reads(jobs, database):
    job = jobs.define(
        """
        import sys
        import awswrangler as wr, pandas as pd
        from awsglue.utils import getResolvedOptions

        o = getResolvedOptions(sys.argv, ["path", "database"])
        frame = pd.DataFrame({"id": [1, 2, 3], "day": ["mon", "mon", "tue"]})
        wr.s3.to_parquet(
            frame, path=o["path"], dataset=True, database=o["database"], table="t", partition_cols=["day"]
        )
        """,
        {"--path": f"s3://{jobs.bucket}/t/", "--database": database},
    )
    run = jobs.run(job)
    assert run["JobRunState"] == "SUCCEEDED", jobs.log(run, "error")
    rows = jobs.query("SELECT day, count(*) FROM t GROUP BY day ORDER BY day", database)
    assert rows == [("mon", "2"), ("tue", "1")]


def test_exception_becomes_the_error_message_and_its_trace_the_log(jobs):
    job = jobs.define("def total(x):\n    return 1 // x\ntotal(0)\n")
    run = jobs.run(job)
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "ZeroDivisionError: integer division or modulo by zero"
    log = jobs.log(run, "error")
    assert "line 2, in total" in log
    assert "bootstrap.py" not in log


@pytest.mark.parametrize(
    ("ending", "state", "message"),
    [
        ("import sys; sys.exit(0)", "SUCCEEDED", None),
        ("import sys; sys.exit(3)", "FAILED", "SystemExit: 3"),
        ("import os; os._exit(7)", "FAILED", "Command failed with exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "FAILED", "exit code 137"),
    ],
)
def test_how_the_process_ends_is_how_the_run_ends(jobs, ending, state, message):
    run = jobs.run(jobs.define(ending))
    assert run["JobRunState"] == state
    assert (run.get("ErrorMessage") or "").endswith(message or "")
    assert ("ErrorMessage" in run) == (message is not None)


def test_script_that_is_missing_fails_the_run(jobs):
    job = jobs.define("pass")
    jobs.s3.delete_object(Bucket=jobs.bucket, Key=f"scripts/{job}.py")
    run = jobs.run(job)
    assert run["JobRunState"] == "FAILED"
    assert f"key: scripts/{job}.py" in run["ErrorMessage"]


def test_modules_come_from_py_files_archives_and_wheels(jobs):
    module = jobs.upload("lib/alone.py", "VALUE = 'alone'")
    archive = jobs.upload("lib/zipped.zip", _archive("zipped/__init__.py", "VALUE = 'zipped'"))
    wheel = jobs.upload("lib/wheeled-1.0-py3-none-any.whl", _archive("wheeled.py", "VALUE = 'wheeled'"))
    job = jobs.define(
        "import alone, zipped, wheeled; print(alone.VALUE, zipped.VALUE, wheeled.VALUE)",
        {"--extra-py-files": f"{module},{archive}", "--additional-python-modules": wheel},
    )
    assert jobs.log(jobs.run(job), "output") == "alone zipped wheeled"


def test_package_that_is_not_installed_is_named(jobs):
    job = jobs.define("pass", {"--additional-python-modules": "boto3,no-such-package==1.2"})
    run = jobs.run(job)
    assert run["JobRunState"] == "FAILED"
    assert "no-such-package is not installed" in run["ErrorMessage"]


def test_package_in_another_version_is_refused(jobs):
    run = jobs.run(jobs.define("pass", {"--additional-python-modules": "boto3<1"}))
    assert run["JobRunState"] == "FAILED"
    assert "boto3<1 was asked for" in run["ErrorMessage"]


def test_nothing_of_millpond_is_in_sight(jobs):
    run = jobs.run(jobs.define("import moto"))
    assert run["ErrorMessage"] == "ModuleNotFoundError: No module named 'moto'"


def test_library_set_none_has_no_pandas(jobs):
    run = jobs.run(jobs.define("import boto3\nimport pandas", {"library-set": "none"}))
    assert run["ErrorMessage"] == "ModuleNotFoundError: No module named 'pandas'"


def test_output_is_in_the_log_while_the_job_runs(jobs, cloud):
    job = jobs.define("import time; print('half way'); time.sleep(60)")
    run_id = jobs.start(job)
    cloud.wait_for.log_line("/aws-glue/python-jobs/output", "half way")
    assert jobs.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]["JobRunState"] == "RUNNING"
    jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    jobs.ended(job, run_id)


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ({"Name": "gluestreaming"}, "gluestreaming"),
        ({"Name": "glueray"}, "glueray"),
        ({"Name": "pythonshell", "PythonVersion": "2"}, "PythonVersion 2"),
    ],
)
def test_what_does_not_run_is_refused_by_name(jobs, command, named):
    job = jobs.define("pass", Command=command)
    with pytest.raises(ClientError, match=named):
        jobs.start(job)


def test_missing_argument_fails_as_on_aws(jobs):
    run = jobs.run(jobs.define(WRITE_ARGUMENTS, {"--bucket": jobs.bucket}))
    assert run["ErrorMessage"].endswith("GlueArgumentError: the following arguments are required: --day")


def _archive(name: str, content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()
