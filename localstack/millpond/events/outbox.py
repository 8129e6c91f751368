"""Events on their way: to their targets, again if need be, or to a dead-letter queue in the end.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from millpond.delivery import DeliveryError, deliver
from millpond.events.exceptions import DeliveryFailed
from millpond.events.targets import Delivery, Targets
from millpond.iam.enforcement import service_actor
from millpond.schedules import At, Clock

_log = logging.getLogger(__name__)

_MOST_RETRIES = 185
_MOST_SECONDS = 86_400
_FIRST_DELAY_SECONDS = 0.5
_LONGEST_DELAY_SECONDS = 60.0
_THREADS = 4


@dataclass(frozen=True)
class _Attempt:
    """A delivery that has been tried so many times."""

    delivery: Delivery
    retries: int = 0
    accepted_at: float = field(default_factory=time.monotonic)

    @property
    def exhausted(self) -> str | None:
        """Which limit of the target's retry policy is reached."""
        policy = self.delivery.target.get("RetryPolicy") or {}
        if self.retries >= policy.get("MaximumRetryAttempts", _MOST_RETRIES):
            return "MaximumRetryAttempts"
        if time.monotonic() - self.accepted_at >= policy.get("MaximumEventAgeInSeconds", _MOST_SECONDS):
            return "MaximumEventAge"
        return None


class Outbox:
    """Takes deliveries and answers at once."""

    def __init__(self, targets: Targets, clock: Clock) -> None:
        self._targets = targets
        self._clock = clock
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="events")

    def send(self, delivery: Delivery) -> None:
        """Have an event delivered."""
        self._submit(_Attempt(delivery))

    def shutdown(self) -> None:
        """Deliver nothing any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _submit(self, attempt: _Attempt) -> None:
        try:
            self._threads.submit(self._try, attempt)
        except RuntimeError:  # the cloud is ending
            _log.warning("An event for %s is lost with the cloud's end", attempt.delivery.arn.text)

    def _try(self, attempt: _Attempt) -> None:
        try:
            self._targets.send(attempt.delivery)
        except DeliveryFailed as error:
            self._after_failure(attempt, error)
        except Exception as error:
            _log.exception("Delivering to %s failed", attempt.delivery.arn.text)
            self._bury(attempt, DeliveryFailed("INTERNAL_ERROR", str(error)), None)

    def _after_failure(self, attempt: _Attempt, error: DeliveryFailed) -> None:
        exhausted = attempt.exhausted
        if not error.retryable or exhausted:
            self._bury(attempt, error, exhausted)
            return
        delay = min(_FIRST_DELAY_SECONDS * 2**attempt.retries, _LONGEST_DELAY_SECONDS)
        later = _Attempt(attempt.delivery, attempt.retries + 1, attempt.accepted_at)
        name = ("retry", uuid.uuid4())
        self._clock.set(name, At(self._clock.now() + timedelta(seconds=delay)), lambda _: self._submit(later))

    def _bury(self, attempt: _Attempt, error: DeliveryFailed, exhausted: str | None) -> None:
        """Send an event that will not arrive to the target's dead-letter queue, if it has one."""
        delivery = attempt.delivery
        queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
        _log.warning("%s for %s was not delivered: %s", delivery.source_arn, delivery.arn.text, error)
        if not queue:
            return
        attributes = {
            "RULE_ARN": delivery.source_arn,
            "TARGET_ARN": delivery.arn.text,
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": str(error),
        }
        if exhausted:
            attributes |= {"EXHAUSTED_RETRY_CONDITION": exhausted, "RETRY_ATTEMPTS": str(attempt.retries)}
        try:
            deliver(
                queue,
                delivery.body,
                {name: ("String", value) for name, value in attributes.items()},
                sender=service_actor(delivery.principal, delivery.source_arn),
            )
        except DeliveryError:
            _log.exception("The dead-letter queue %s took no event", queue)
