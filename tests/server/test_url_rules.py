"""Services that are first asked for at the same time all answer."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from werkzeug.routing import Map, Rule

from millpond.server.url_rules import compile_one_at_a_time


class Garbage:
    """What is collected by running Python code, at which threads take turns."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        sum(range(50))


@pytest.fixture
def frequent_turns() -> Iterator[None]:
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-5)
    gc.set_threshold(50)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("frequent_turns")
def test_rules_compile_in_several_threads_at_once() -> None:
    compile_one_at_a_time()
    errors: list[SystemError] = []
    end = time.monotonic() + 1.5

    def compile_rules(depth: int) -> None:
        if depth:
            compile_rules(depth - 1)
        while time.monotonic() < end and not errors:
            Garbage()
            try:
                Map([Rule("/one/<two>/three/<four>", endpoint="five")])
            except SystemError as error:
                errors.append(error)

    threads = [threading.Thread(target=compile_rules, args=(5 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
