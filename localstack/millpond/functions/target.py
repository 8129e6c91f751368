"""The function behind a name, as those see it who start it: callers, queues, event sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from millpond.functions.definition import FunctionDefinition


@dataclass(frozen=True)
class AsyncPolicy:
    """What becomes of asynchronous invocations.

    Attributes:
        max_retries: How often an invocation that failed is tried again, 0 to 2.
        max_age_seconds: How old an event may get before it is given up.
        on_success, on_failure: ARNs of destinations, which get a record of the invocation.
        dead_letter: ARN of the queue or topic that gets the event when it is given up.
    """

    max_retries: int = 2
    max_age_seconds: int = 6 * 3600
    on_success: str | None = None
    on_failure: str | None = None
    dead_letter: str | None = None


@dataclass(frozen=True)
class InvocationTarget:
    """A version of a function, resolved from a name, a version or an alias.

    Attributes:
        invoked_arn: The ARN with the qualifier that the caller gave.
        reserved_concurrency: The function's own limit, None for none.
    """

    definition: FunctionDefinition
    invoked_arn: str
    reserved_concurrency: int | None
    policy: AsyncPolicy


# Looks a function up at the moment it is needed: None when it is there no more.
ResolveTarget = Callable[[], InvocationTarget | None]
