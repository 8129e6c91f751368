"""Asynchronous invocations: a queue, retries, and where an event goes in the end.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

from __future__ import annotations

import datetime
import heapq
import itertools
import json
import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from millpond.delivery import DeliveryError, deliver
from millpond.functions.definition import Invocation, Outcome
from millpond.functions.destinations import send_record
from millpond.functions.exceptions import RuntimeStopped
from millpond.functions.pool import EnvironmentPool, Slot
from millpond.functions.reports import error_payload
from millpond.functions.settings import FunctionSettings
from millpond.functions.target import InvocationTarget, ResolveTarget

_log = logging.getLogger(__name__)

_REST_SECONDS = 0.02


@dataclass(frozen=True)
class AsyncEvent:
    """An event on its way to a function; every try keeps the request's id.

    Attributes:
        function_arn: Without version: events of one function keep their order of arrival.
        resolve: Finds the function when its turn comes, for it may have changed or gone.
    """

    function_arn: str
    resolve: ResolveTarget
    invocation: Invocation
    accepted_at: float = field(default_factory=time.monotonic)
    tries: int = 0
    last_outcome: Outcome | None = None


class AsyncInvoker:
    """Runs queued events on a few threads, as environments come free."""

    def __init__(self, settings: FunctionSettings, pool: EnvironmentPool) -> None:
        self._settings = settings
        self._pool = pool
        self._changed = threading.Condition()
        self._ready: dict[str, deque[AsyncEvent]] = {}
        self._later: list[tuple[float, int, AsyncEvent]] = []
        self._resting: dict[str, float] = {}  # functions at their own limit, and until when to leave them
        self._running = 0
        self._numbers = itertools.count()
        self._threads: list[threading.Thread] = []
        self._stopped = False

    def submit(self, event: AsyncEvent) -> None:
        """Accept an event; it runs at least once unless the process ends."""
        with self._changed:
            if self._stopped:
                raise RuntimeStopped
            self._enqueue(event)
            if len(self._threads) < self._settings.max_environments:
                thread = threading.Thread(target=self._consume, name="function-async", daemon=True)
                self._threads.append(thread)
                thread.start()

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until no event is queued, running or to be retried."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._ready or self._later or self._running), timeout=timeout
            )

    def shutdown(self) -> None:
        """Take no more events; those that are queued are dropped, as the cloud is."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._pool.wake()

    def _enqueue(self, event: AsyncEvent) -> None:
        self._ready.setdefault(event.function_arn, deque()).append(event)
        self._changed.notify_all()

    def _consume(self) -> None:
        while (event := self._take()) is not None:
            try:
                self._process(event)
            except RuntimeStopped:
                return
            except Exception:  # the thread serves every function: one event must not end it
                _log.exception("Asynchronous invocation %s failed", event.invocation.request_id)
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()

    def _take(self) -> AsyncEvent | None:
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    self._enqueue(heapq.heappop(self._later)[2])
                for function_arn in list(self._ready):
                    if self._resting.get(function_arn, 0.0) <= now:
                        return self._take_from(function_arn)
                moments = [self._resting[function_arn] for function_arn in self._ready]
                moments += [self._later[0][0]] if self._later else []
                self._changed.wait(max(0.0, min(moments) - now) if moments else None)
        return None

    def _take_from(self, function_arn: str) -> AsyncEvent:
        # Back to the end of the line: every function has its turn.
        events = self._ready.pop(function_arn)
        event = events.popleft()
        if events:
            self._ready[function_arn] = events
        self._resting.pop(function_arn, None)
        self._running += 1
        return event

    def _process(self, event: AsyncEvent) -> None:
        target = event.resolve()
        if target is None:
            _log.warning("Dropped an event for %s: the function is gone", event.function_arn)
            return
        age = time.monotonic() - event.accepted_at
        if age > target.policy.max_age_seconds:
            self._give_up(event, target, event.last_outcome, "EventAgeExceeded")
            return
        if target.reserved_concurrency == 0:
            # Who reserves nothing stops a function: its events are not kept for later.
            self._give_up(event, target, None, "ZeroReservedConcurrency")
            return
        if self._pool.at_own_limit(event.function_arn, target.reserved_concurrency):
            self._rest(event)
            return
        slot = self._pool.reserve_for_queue(
            event.function_arn, target.reserved_concurrency, lambda: self._stopped
        )
        if slot is None:
            return
        with slot:
            outcome = _run(slot, target, event.invocation)
        self._settle(replace(event, tries=event.tries + 1, last_outcome=outcome), target, outcome)

    def _settle(self, event: AsyncEvent, target: InvocationTarget, outcome: Outcome) -> None:
        policy = target.policy
        if not outcome.failed:
            if policy.on_success:
                _send_record(policy.on_success, _record(event, target, outcome, "Success"), target)
        elif event.tries <= policy.max_retries:
            self._postpone(event, self._settings.retry_delays[event.tries - 1])
        else:
            self._give_up(event, target, outcome, "RetriesExhausted")

    def _rest(self, event: AsyncEvent) -> None:
        """Leave the function alone for a moment, so that its events do not hold up the others'."""
        with self._changed:
            self._ready.setdefault(event.function_arn, deque()).appendleft(event)
            self._resting[event.function_arn] = time.monotonic() + _REST_SECONDS
            self._changed.notify_all()

    def _postpone(self, event: AsyncEvent, seconds: float) -> None:
        with self._changed:
            heapq.heappush(self._later, (time.monotonic() + seconds, next(self._numbers), event))
            self._changed.notify_all()

    def _give_up(
        self, event: AsyncEvent, target: InvocationTarget, outcome: Outcome | None, condition: str
    ) -> None:
        policy = target.policy
        _log.warning(
            "Gave up event %s for %s: %s", event.invocation.request_id, event.function_arn, condition
        )
        if policy.on_failure:
            _send_record(policy.on_failure, _record(event, target, outcome, condition), target)
        if policy.dead_letter:
            _send_dead_letter(policy.dead_letter, event, target, outcome, condition)


def _run(slot: Slot, target: InvocationTarget, invocation: Invocation) -> Outcome:
    """Run an event; an environment that cannot even be started is a try that failed."""
    try:
        return slot.run(target.definition, invocation)
    except RuntimeStopped:
        raise
    except Exception as error:
        _log.exception("No environment could be started for %s", target.invoked_arn)
        payload = error_payload("Service.EnvironmentFailed", f"{type(error).__name__}: {error}")
        return Outcome(invocation.request_id, payload, True, b"", target.definition.version)


def _send_record(arn: str, record: dict[str, Any], target: InvocationTarget) -> None:
    try:
        send_record(arn, record, target.definition.actor)
    except DeliveryError as error:
        _log.error("An invocation record could not be delivered: %s", error)


def _send_dead_letter(
    arn: str, event: AsyncEvent, target: InvocationTarget, outcome: Outcome | None, condition: str
) -> None:
    message = _error_message(outcome) or condition
    attributes = {
        "RequestID": ("String", event.invocation.request_id),
        "ErrorCode": ("Number", "200" if outcome else "429"),
        "ErrorMessage": ("String", message[:1024]),
    }
    try:
        deliver(arn, event.invocation.payload.decode(), attributes, sender=target.definition.actor)
    except DeliveryError as error:
        _log.error("An event could not be delivered to its dead-letter queue: %s", error)


def _record(
    event: AsyncEvent, target: InvocationTarget, outcome: Outcome | None, condition: str
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    version = target.definition.version
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": now,
        "requestContext": {
            "requestId": event.invocation.request_id,
            "functionArn": f"{target.definition.arn}:{version}",
            "condition": condition,
            "approximateInvokeCount": event.tries,
        },
        "requestPayload": json.loads(event.invocation.payload),
    }
    if outcome is not None:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": version}
        if outcome.failed:
            context["functionError"] = "Unhandled"
        record["responseContext"] = context
        record["responsePayload"] = json.loads(outcome.payload)
    return record


def _error_message(outcome: Outcome | None) -> str:
    return str(json.loads(outcome.payload).get("errorMessage", "")) if outcome else ""
