"""A function runs as AWS would run it, and ends as AWS would end it."""

from __future__ import annotations

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from function_factory import Functions, variables, zip_of


def test_function_returns_what_its_handler_returns(functions: Functions) -> None:
    result = functions.run("def handler(event, context): return {'twice': event['n'] * 2}", {"n": 21})
    assert result.value == {"twice": 42}
    assert result.error is None


def test_context_describes_the_invocation(functions: Functions) -> None:
    name = functions.create(
        """
        def handler(event, context):
            return [context.function_name, context.function_version, context.invoked_function_arn,
                    context.memory_limit_in_mb, 0 < context.get_remaining_time_in_millis() <= 9000]
        """,
        Timeout=9,
        MemorySize=256,
    )
    assert functions.invoke(name).value == [name, "$LATEST", functions.arn(name), "256", True]


def test_function_sees_its_variables_and_nothing_of_the_servers(functions: Functions) -> None:
    source = "import os\ndef handler(event, context): return dict(os.environ)"
    seen = functions.run(source, **variables(SOURCE="sales")).value
    assert seen["SOURCE"] == "sales"
    assert seen["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert seen["AWS_ACCESS_KEY_ID"] != "test"
    assert "MOTO_ACCOUNT_ID" not in seen
    assert "VIRTUAL_ENV" not in seen


def test_function_calls_aws_with_its_roles_credentials(functions: Functions) -> None:
    name = functions.create(
        """
        import boto3
        def handler(event, context): return boto3.client("sts").get_caller_identity()["Arn"]
        """,
        Timeout=20,
    )
    role = functions.role.rpartition("/")[2]
    assert functions.invoke(name).value == f"arn:aws:sts::000000000000:assumed-role/{role}/{name}"


def test_function_cannot_import_what_it_did_not_bring(functions: Functions) -> None:
    result = functions.run("import duckdb\ndef handler(event, context): pass")
    assert result.value["errorType"] == "Runtime.ImportModuleError"
    assert result.value["errorMessage"] == "Unable to import module 'app': No module named 'duckdb'"


def test_exception_comes_back_with_type_message_and_stack_trace(functions: Functions) -> None:
    result = functions.run("def handler(event, context):\n    raise ValueError('no such source')")
    assert result.error == "Unhandled"
    assert result.value["errorType"] == "ValueError"
    assert result.value["errorMessage"] == "no such source"
    assert '  File "/var/task/app.py", line 2, in handler' in result.value["stackTrace"][0]
    assert 'File "/var/task/app.py", line 2, in handler' in result.log


def test_function_that_takes_too_long_is_ended(functions: Functions) -> None:
    name = functions.create("import time\ndef handler(event, context): time.sleep(event)", Timeout=1)
    begun = time.monotonic()
    result = functions.invoke(name, 30)
    assert time.monotonic() - begun < 3
    assert result.error == "Unhandled"
    assert result.value["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert "Task timed out after 1.00 seconds" in result.log
    assert functions.invoke(name, 0).error is None


def test_function_that_exits_reports_its_status(functions: Functions) -> None:
    name = functions.create("import sys\ndef handler(event, context): sys.exit(event)")
    result = functions.invoke(name, 3)
    assert result.value["errorType"] == "Runtime.ExitError"
    assert result.value["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


def test_function_that_uses_too_much_memory_is_killed(functions: Functions) -> None:
    source = """
        import time
        def handler(event, context):
            block = bytearray(event * 1024 * 1024)
            time.sleep(0.5)
            return len(block)
    """
    name = functions.create(source, MemorySize=128)
    assert functions.invoke(name, 50).error is None
    result = functions.invoke(name, 300)
    assert result.value["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert "Error Type: Runtime.OutOfMemory" in result.log


def test_answer_that_is_too_large_is_an_error(functions: Functions) -> None:
    result = functions.run("def handler(event, context): return 'x' * 7_000_000")
    assert result.value["errorType"] == "Function.ResponseSizeTooLarge"


def test_answer_that_is_no_json_is_an_error(functions: Functions) -> None:
    result = functions.run("def handler(event, context): return object()")
    assert result.value["errorType"] == "Runtime.MarshalError"


COUNT = """
    calls = 0
    def handler(event, context):
        global calls
        calls += 1
        return calls
"""


def test_environment_is_reused(functions: Functions) -> None:
    name = functions.create(COUNT)
    assert [functions.invoke(name).value for _ in range(3)] == [1, 2, 3]


def test_changed_code_runs_in_a_new_environment(functions: Functions) -> None:
    name = functions.create(COUNT)
    functions.invoke(name)
    functions.client.update_function_code(
        FunctionName=name, ZipFile=zip_of({"app.py": "def handler(event, context): return 'new'"})
    )
    assert functions.invoke(name).value == "new"


def test_changed_configuration_runs_in_a_new_environment(functions: Functions) -> None:
    name = functions.create(
        "import os\ndef handler(event, context): return os.environ['ZONE']", **variables(ZONE="a")
    )
    assert functions.invoke(name).value == "a"
    functions.client.update_function_configuration(FunctionName=name, **variables(ZONE="b"))
    assert functions.invoke(name).value == "b"


def test_parallel_invocations_run_in_parallel_environments(functions: Functions) -> None:
    name = functions.create(
        "import time, os\ndef handler(event, context): time.sleep(0.5); return os.getpid()"
    )
    with ThreadPoolExecutor(3) as threads:
        pids = list(threads.map(lambda _: functions.invoke(name).value, range(3)))
    assert len(set(pids)) == 3


def test_function_may_wait_for_another_one_when_all_places_are_taken(functions: Functions) -> None:
    inner = functions.create("def handler(event, context): return 'inner'")
    outer = functions.create(
        f"""
        import boto3, time
        def handler(event, context):
            time.sleep(0.5)
            return boto3.client("lambda").invoke(FunctionName="{inner}")["Payload"].read().decode()
        """,
        Timeout=60,
    )
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(lambda _: functions.invoke(outer).value, range(6)))
    assert results == ['"inner"'] * 6


def test_temporary_files_stay_in_the_environment(functions: Functions) -> None:
    source = """
        import tempfile, os
        def handler(event, context):
            with open(os.path.join(tempfile.gettempdir(), "state"), "a") as file:
                file.write("x")
            return [tempfile.gettempdir(), os.path.getsize(file.name)]
    """
    one, other = functions.create(source), functions.create(source)
    assert [functions.invoke(one).value[1] for _ in range(2)] == [1, 2]
    assert functions.invoke(other).value[1] == 1


def test_payload_that_is_no_json_is_refused(functions: Functions) -> None:
    name = functions.create("def handler(event, context): return event")
    with pytest.raises(
        functions.client.exceptions.InvalidRequestContentException,
        match="Could not parse request body into json",
    ):
        functions.client.invoke(FunctionName=name, Payload=b"{not json")


def test_invocation_without_a_payload_gets_an_empty_event(functions: Functions) -> None:
    name = functions.create("def handler(event, context): return event")
    assert json.loads(functions.client.invoke(FunctionName=name)["Payload"].read()) == {}


def test_client_context_reaches_the_handler(functions: Functions) -> None:
    name = functions.create("def handler(event, context): return context.client_context.custom")
    context = base64.b64encode(json.dumps({"custom": {"app": "shop"}}).encode()).decode()
    assert functions.invoke(name, ClientContext=context).value == {"app": "shop"}


def test_function_beyond_its_reserved_concurrency_is_throttled(functions: Functions) -> None:
    name = functions.create("def handler(event, context): return 1")
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(functions.client.exceptions.TooManyRequestsException) as caught:
        functions.invoke(name)
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    functions.client.delete_function_concurrency(FunctionName=name)
    assert functions.invoke(name).value == 1
