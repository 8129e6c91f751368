"""How many environments run at once, and the warm ones between two invocations."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from millpond.functions.definition import FunctionDefinition, Invocation, Outcome
from millpond.functions.exceptions import RuntimeStopped, TooManyRequests, WorkerGone
from millpond.functions.settings import FunctionSettings
from millpond.functions.worker import Worker


class Slot:
    """The right to run one invocation of a function now; given back when it is left."""

    def __init__(self, pool: EnvironmentPool, function_arn: str) -> None:
        self._pool = pool
        self._function_arn = function_arn
        self._released = False

    def run(self, definition: FunctionDefinition, invocation: Invocation) -> Outcome:
        """Run an invocation in a warm environment, or in a new one."""
        return self._pool.run(definition, invocation)

    def release(self) -> None:
        """Give the right back; twice does nothing more."""
        if not self._released:
            self._released = True
            self._pool.release(self._function_arn)

    def __enter__(self) -> Slot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class EnvironmentPool:
    """Keeps the environments of all functions within the limits of the machine and of each function."""

    def __init__(self, settings: FunctionSettings, start: Callable[[FunctionDefinition], Worker]) -> None:
        self._settings = settings
        self._start = start
        self._changed = threading.Condition()
        self._running: Counter[str] = Counter()
        self._workers: set[Worker] = set()
        self._idle: list[Worker] = []  # the one used last at the end
        self._stopped = False
        threading.Thread(target=self._reap, name="function-reaper", daemon=True).start()

    def reserve_for_caller(self, function_arn: str, limit: int | None) -> Slot:
        """A slot for somebody who waits for the result.

        Args:
            function_arn: Without version.
            limit: The function's reserved concurrency.

        Raises:
            TooManyRequests: The function or the machine is at its limit.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._stopped
                    or self._is_full(function_arn, limit)
                    or self._has_room(self._settings.max_environments)
                ),
                timeout=self._settings.caller_patience,
            )
            if self._is_full(function_arn, limit):
                raise TooManyRequests("ReservedFunctionConcurrentInvocationLimitExceeded")
            if not self._stopped and not self._has_room(self._settings.most_environments):
                raise TooManyRequests("ConcurrentInvocationLimitExceeded")
            return self._take_slot(function_arn)

    def reserve_for_queue(
        self, function_arn: str, limit: int | None, cancelled: Callable[[], bool]
    ) -> Slot | None:
        """A slot for queued work, as soon as there is one; None if the work was cancelled meanwhile.

        Whoever makes `cancelled` true calls `wake` then.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._stopped
                    or cancelled()
                    or (
                        self._has_room(self._settings.max_environments)
                        and not self._is_full(function_arn, limit)
                    )
                )
            )
            return None if cancelled() else self._take_slot(function_arn)

    def run(self, definition: FunctionDefinition, invocation: Invocation) -> Outcome:
        """Run an invocation in a warm environment or a new one; for those who hold a slot."""
        while True:
            worker = self._warm(definition) or self._new(definition)
            try:
                return worker.run(invocation)
            except WorkerGone:
                continue
            finally:
                if worker.reusable:
                    self._keep(worker)
                else:
                    self._stop([worker])

    def release(self, function_arn: str) -> None:
        """Take back a slot of a function; `Slot.release` calls it once."""
        with self._changed:
            self._running[function_arn] -= 1
            if not self._running[function_arn]:
                del self._running[function_arn]
            self._changed.notify_all()

    def at_own_limit(self, function_arn: str, limit: int | None) -> bool:
        """Whether as many invocations of the function run as it has reserved."""
        with self._changed:
            return self._is_full(function_arn, limit)

    def wake(self) -> None:
        """Let those who wait look again whether they are cancelled."""
        with self._changed:
            self._changed.notify_all()

    def forget(self, belongs: Callable[[FunctionDefinition], bool]) -> None:
        """End idle environments whose function is gone or has changed."""
        with self._changed:
            ended = [worker for worker in self._idle if belongs(worker.definition)]
            self._idle = [worker for worker in self._idle if worker not in ended]
        self._stop(ended)

    def shutdown(self) -> None:
        """End every environment, in the middle of an invocation too."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            workers = list(self._workers)
            self._idle.clear()
        for worker in workers:
            worker.kill()
        self._stop(workers)

    def _warm(self, definition: FunctionDefinition) -> Worker | None:
        with self._changed:
            for worker in reversed(self._idle):
                if worker.definition == definition:
                    self._idle.remove(worker)
                    return worker
            outdated = [worker for worker in self._idle if _same_version(worker.definition, definition)]
            self._idle = [worker for worker in self._idle if worker not in outdated]
        self._stop(outdated)
        return None

    def _new(self, definition: FunctionDefinition) -> Worker:
        with self._changed:
            surplus = self._idle[: max(0, len(self._workers) + 1 - self._settings.max_environments)]
            del self._idle[: len(surplus)]
        self._stop(surplus)
        worker = self._start(definition)
        with self._changed:
            if not self._stopped:
                self._workers.add(worker)
                return worker
        worker.stop()
        raise RuntimeStopped

    def _keep(self, worker: Worker) -> None:
        worker.idle_since = time.monotonic()
        with self._changed:
            if not self._stopped:
                self._idle.append(worker)
                return
        self._stop([worker])

    def _stop(self, workers: list[Worker]) -> None:
        for worker in workers:
            worker.stop()
        with self._changed:
            self._workers.difference_update(workers)

    def _take_slot(self, function_arn: str) -> Slot:
        if self._stopped:
            raise RuntimeStopped
        self._running[function_arn] += 1
        return Slot(self, function_arn)

    def _is_full(self, function_arn: str, limit: int | None) -> bool:
        return limit is not None and self._running[function_arn] >= limit

    def _has_room(self, limit: int) -> bool:
        return self._running.total() < limit

    def _reap(self) -> None:
        interval = min(5.0, self._settings.idle_seconds / 2)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, timeout=interval)
                if self._stopped:
                    return
            oldest = time.monotonic() - self._settings.idle_seconds
            self._end_idle_since(oldest)

    def _end_idle_since(self, oldest: float) -> None:
        with self._changed:
            ended = [worker for worker in self._idle if worker.idle_since < oldest]
            self._idle = [worker for worker in self._idle if worker not in ended]
        self._stop(ended)


def _same_version(one: FunctionDefinition, other: FunctionDefinition) -> bool:
    return (one.arn, one.version) == (other.arn, other.version)
