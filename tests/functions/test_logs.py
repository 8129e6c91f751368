"""Output of functions stands in CloudWatch Logs."""

from __future__ import annotations

from typing import Any

from function_factory import Functions


def log_of(cloud: Any, group: str) -> list[str]:
    logs = cloud.client("logs")
    messages = []
    for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
        options = {"logGroupName": group, "logStreamName": stream["logStreamName"], "startFromHead": True}
        page = logs.get_log_events(**options)
        while page["events"]:
            messages += [event["message"] for event in page["events"]]
            page = logs.get_log_events(**options, nextToken=page["nextForwardToken"])
    return messages


def test_log_of_an_invocation_begins_with_start_and_ends_with_report(cloud, functions: Functions) -> None:
    name = functions.create("print('importing')\ndef handler(event, context): print('one\\ntwo')")
    functions.invoke(name)
    lines = log_of(cloud, f"/aws/lambda/{name}")
    kinds = [line.split()[0] for line in lines]
    assert kinds == ["INIT_START", "importing", "START", "one", "two", "END", "REPORT"]
    assert "Init Duration" in lines[-1]
    assert "Memory Size: 128 MB" in lines[-1]


def test_callers_know_the_request_id_that_the_log_has(cloud: Any, functions: Functions) -> None:
    name = functions.create("def handler(event, context): return context.aws_request_id")
    answer = cloud.client("lambda").invoke(FunctionName=name)
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert answer["Payload"].read().decode() == f'"{request_id}"'
    assert any(request_id in line for line in log_of(cloud, f"/aws/lambda/{name}"))


def test_logger_writes_level_and_request_id(cloud, functions: Functions) -> None:
    source = """
        import logging
        def handler(event, context):
            logging.warning("late")
            return context.aws_request_id
    """
    name = functions.create(source)
    request_id = functions.invoke(name).value
    [line] = [line for line in log_of(cloud, f"/aws/lambda/{name}") if "late" in line]
    assert line.startswith("[WARNING]\t")
    assert line.endswith(f"\t{request_id}\tlate\n")


def test_stack_trace_is_one_event(cloud, functions: Functions) -> None:
    name = functions.create("def handler(event, context):\n    raise ValueError('bad row')")
    functions.invoke(name)
    [line] = [line for line in log_of(cloud, f"/aws/lambda/{name}") if "bad row" in line]
    assert line.startswith("[ERROR] ValueError: bad row\nTraceback (most recent call last):\n")


def test_ten_megabytes_of_log_are_kept_whole(cloud, functions: Functions) -> None:
    source = "def handler(event, context):\n    for n in range(10_000): print(n, 'x' * 1_000)"
    name = functions.create(source, Timeout=30)
    result = functions.invoke(name)
    assert len(result.log) <= 4096
    lines = [line for line in log_of(cloud, f"/aws/lambda/{name}") if line[0].isdigit()]
    assert [int(line.split()[0]) for line in lines] == list(range(10_000))


def test_output_of_a_child_process_is_logged(functions: Functions) -> None:
    source = "import subprocess\ndef handler(event, context): subprocess.run(['echo', 'from a child'])"
    assert "from a child\n" in functions.run(source).log
