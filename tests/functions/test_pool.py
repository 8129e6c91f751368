"""How many environments run, wait and end."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from function_factory import TRUST_LAMBDA, zip_of
from millpond.functions import FunctionRuntime, FunctionSettings
from millpond.functions.archives import ZipArchive
from millpond.functions.definition import FunctionDefinition, Invocation
from millpond.functions.exceptions import TooManyRequests
from millpond.functions.target import AsyncPolicy, InvocationTarget

SLEEP = "import time, os\ndef handler(event, context): time.sleep(event); return os.getpid()"


@pytest.fixture
def start(cloud: Any, tmp_path: Path) -> Iterator[Callable[..., FunctionRuntime]]:
    """Starts runtimes of the test's own, with settings that make it short."""
    iam = cloud.client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST_LAMBDA))
    started = []

    def start(**settings: Any) -> FunctionRuntime:
        started.append(FunctionRuntime(FunctionSettings(tmp_path, cloud.endpoint_url, **settings)))
        return started[-1]

    yield start
    for runtime in started:
        runtime.shutdown()


def target(source: str = SLEEP, name: str = "sleep") -> InvocationTarget:
    content = zip_of({"app.py": source})
    definition = FunctionDefinition(
        account_id="000000000000",
        region="us-east-1",
        name=name,
        version="$LATEST",
        role="arn:aws:iam::000000000000:role/function",
        handler="app.handler",
        runtime="python3.12",
        memory_mb=128,
        timeout_seconds=20,
        variables=(),
        code=ZipArchive(hashlib.sha256(content).hexdigest(), content),
        layers=(),
        log_group=f"/aws/lambda/{name}",
    )
    return InvocationTarget(definition, definition.arn, None, AsyncPolicy())


def run(runtime: FunctionRuntime, of: InvocationTarget, seconds: float = 0) -> int:
    return int(runtime.invoke(of, Invocation(str(seconds).encode(), of.invoked_arn)).payload)


def test_idle_environment_ends_after_a_while(start: Callable[..., FunctionRuntime]) -> None:
    runtime = start(idle_seconds=0.4)
    pid = run(runtime, target())
    assert psutil.pid_exists(pid)
    time.sleep(1)
    assert not psutil.pid_exists(pid)


def test_caller_beyond_the_most_environments_is_throttled(start: Callable[..., FunctionRuntime]) -> None:
    runtime = start(max_environments=1, caller_patience=0.1)
    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(run, runtime, target(), 2) for _ in range(4)]
        time.sleep(1)
        with pytest.raises(TooManyRequests):
            run(runtime, target())
        assert len({future.result() for future in running}) == 4


def test_queued_events_keep_within_the_environments(start: Callable[..., FunctionRuntime]) -> None:
    runtime = start(max_environments=2)
    pids: set[int] = set()
    watching = threading.Event()

    def watch() -> None:
        while not watching.wait(0.01):
            pids.update(child.pid for child in psutil.Process().children() if _is_worker(child))

    watcher = threading.Thread(target=watch)
    watcher.start()
    of = target(name="queued")
    for _ in range(10):
        runtime.submit(of.definition.arn, lambda: of, Invocation(b"0.05", of.invoked_arn))
    assert runtime.wait_until_idle(10)
    watching.set()
    watcher.join()
    assert 1 <= len(pids) <= 2


def _is_worker(process: psutil.Process) -> bool:
    try:
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == "queued"
    except psutil.Error:
        return False


def test_environments_of_another_function_make_room(start: Callable[..., FunctionRuntime]) -> None:
    runtime = start(max_environments=1)
    first = run(runtime, target(name="first"))
    run(runtime, target(name="second"))
    assert not psutil.pid_exists(first)


def test_environment_that_died_idle_is_replaced(start: Callable[..., FunctionRuntime]) -> None:
    runtime = start()
    first = run(runtime, target())
    psutil.Process(first).kill()
    time.sleep(0.2)
    assert run(runtime, target()) != first


def test_shutdown_ends_what_runs(start: Callable[..., FunctionRuntime]) -> None:
    runtime = start()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(runtime.invoke, target(), Invocation(b"15", "arn"))
        time.sleep(0.5)
        begun = time.monotonic()
        runtime.shutdown()
        assert running.result().failed
    assert time.monotonic() - begun < 2
