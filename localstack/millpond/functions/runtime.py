"""All that runs functions, in one object that the server starts and ends."""

from __future__ import annotations

from millpond.functions.asynchronous import AsyncEvent, AsyncInvoker
from millpond.functions.definition import FunctionDefinition, Invocation, Outcome
from millpond.functions.environment import EnvironmentBuilder
from millpond.functions.event_sources.registry import EventSources
from millpond.functions.memory import MemoryGuard
from millpond.functions.pool import EnvironmentPool
from millpond.functions.settings import FunctionSettings
from millpond.functions.target import InvocationTarget, ResolveTarget
from millpond.functions.worker import Worker


class FunctionRuntime:
    """Invokes functions, now or later, and keeps their event sources polled."""

    def __init__(self, settings: FunctionSettings) -> None:
        self._settings = settings
        self._builder = EnvironmentBuilder(settings)
        self._memory = MemoryGuard()
        self._pool = EnvironmentPool(settings, self._start)
        self._async = AsyncInvoker(settings, self._pool)
        self.event_sources = EventSources(self._pool, settings.max_environments)

    def invoke(self, target: InvocationTarget, invocation: Invocation) -> Outcome:
        """Run an invocation for a caller that waits.

        Raises:
            TooManyRequests: The function or the machine is at its limit.
        """
        arn = target.definition.arn
        with self._pool.reserve_for_caller(arn, target.reserved_concurrency) as slot:
            return slot.run(target.definition, invocation)

    def submit(self, function_arn: str, resolve: ResolveTarget, invocation: Invocation) -> None:
        """Run an invocation later, with retries, for nobody who waits."""
        self._async.submit(AsyncEvent(function_arn, resolve, invocation))

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until every asynchronous event has been dealt with; False if that took too long."""
        return self._async.wait_until_idle(timeout)

    def forget(self, function_arn: str) -> None:
        """End the idle environments of a function that was deleted."""
        self._pool.forget(lambda definition: definition.arn == function_arn)

    def reset(self, account_id: str, region: str) -> None:
        """Forget everything of an account in a region: its service starts anew."""
        self.event_sources.stop_all(account_id, region)
        self._pool.forget(
            lambda definition: (definition.account_id, definition.region) == (account_id, region)
        )

    def shutdown(self) -> None:
        """End every environment, thread and poller."""
        self.event_sources.shutdown()
        self._async.shutdown()
        self._pool.shutdown()
        self._memory.stop()

    def _start(self, definition: FunctionDefinition) -> Worker:
        return Worker(definition, self._builder, self._memory, self._settings.init_seconds)
