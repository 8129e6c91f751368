"""The clock does what is due when it is due, and no more."""

import queue
import threading
from datetime import UTC, datetime, timedelta

import pytest

from millpond.schedules import At, Clock, Rate


@pytest.fixture
def clock():
    clock = Clock()
    yield clock
    clock.shutdown()


def soon(milliseconds):
    return datetime.now(UTC) + timedelta(milliseconds=milliseconds)


def test_actions_run_in_the_order_of_their_moments(clock):
    done = queue.Queue()
    late, early = soon(80), soon(40)
    clock.set("late", At(late), done.put)
    clock.set("early", At(early), done.put)
    assert [done.get(timeout=5), done.get(timeout=5)] == [early, late]


def test_a_schedule_goes_on(clock):
    done = queue.Queue()
    clock.set("often", Rate(timedelta(milliseconds=20), datetime.now(UTC)), done.put)
    moments = [done.get(timeout=5) for _ in range(3)]
    assert moments == sorted(set(moments))


def test_the_end_of_a_schedule_is_told(clock):
    ended = threading.Event()
    clock.set("once", At(soon(10)), lambda _: None, on_end=ended.set)
    assert ended.wait(5)


def test_a_cancelled_or_replaced_schedule_does_nothing(clock):
    done = queue.Queue()
    clock.set("cancelled", At(soon(30)), lambda _: done.put("cancelled"))
    clock.set("replaced", At(soon(30)), lambda _: done.put("old"))
    clock.set("replaced", At(soon(60)), lambda _: done.put("new"))
    clock.cancel("cancelled")
    assert done.get(timeout=5) == "new"
    assert done.empty()


def test_an_action_that_fails_stops_no_other(clock):
    done = threading.Event()
    clock.set("broken", At(soon(10)), lambda _: 1 / 0)
    clock.set("whole", At(soon(30)), lambda _: done.set())
    assert done.wait(5)


def test_a_clock_ends_at_once():
    clock, others = Clock(), set(threading.enumerate())
    clock.set("far", At(soon(3_600_000)), lambda _: None)
    [thread] = set(threading.enumerate()) - others
    clock.shutdown()
    thread.join(5)
    assert not thread.is_alive()


def test_a_clock_that_is_ahead_does_what_is_due_until_then(clock):
    done = queue.Queue()
    tomorrow = soon(86_400_000)
    clock.set("tomorrow", At(tomorrow), done.put)
    clock.advance(timedelta(days=2))
    assert done.get(timeout=5) == tomorrow
