"""Failures by kind: which are tried again, and where their runbook page is.

A failure is known by what it says, since operators wrap the errors of AWS in their own: the first row of
the table that fits decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout, TaskDeferralTimeout


class Category(Enum):
    """The kinds of failures: each has a page in docs/runbooks."""

    DATA = "data"
    PERMISSION = "permission"
    THROTTLING = "throttling"
    INFRASTRUCTURE = "infrastructure"
    CODE = "code"

    @property
    def passes(self) -> bool:
        """Whether it may pass by itself, so that another attempt makes sense."""
        return self in (Category.THROTTLING, Category.INFRASTRUCTURE)

    @property
    def runbook(self) -> str:
        """The page that says what to do."""
        return f"docs/runbooks/{self.value}.md"


class DataProblem(Exception):
    """The data are not what they should be; no attempt at the same data will end otherwise."""


@dataclass(frozen=True)
class Failure:
    """What went wrong."""

    category: Category
    message: str

    @property
    def runbook(self) -> str:
        """The page that says what to do."""
        return self.category.runbook


class NotTriedAgain(AirflowFailException):
    """A failure that no other attempt would mend."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.category.value}: {failure.message}")
        self.failure = failure


_BY_WORDS: tuple[tuple[Category, re.Pattern[str]], ...] = tuple(
    (category, re.compile(words))
    for category, words in (
        (Category.PERMISSION, r"AccessDenied|Access Denied|not authori[sz]ed|Unauthorized|Forbidden"),
        (Category.PERMISSION, r"ExpiredToken|InvalidClientTokenId|CredentialRetrievalError|NoCredentials"),
        (
            Category.THROTTLING,
            r"Throttl|TooManyRequests|Rate exceeded|SlowDown|ConcurrentRunsExceeded|CrawlerRunning|"
            r"QUERY_QUEUE_FULL|LimitExceeded",
        ),
        (Category.DATA, r"LinesLost|FileNotLoaded|DataProblem|Failure in test|results?, configured to fail"),
        (Category.DATA, r"HIVE_BAD_DATA|HIVE_PARTITION_SCHEMA_MISMATCH|INVALID_CAST|DIVISION_BY_ZERO"),
        (Category.CODE, r"SYNTAX_ERROR|_NOT_FOUND|TYPE_MISMATCH|mismatched input|cannot be resolved"),
        (Category.CODE, r"Compilation Error|Parsing Error|ParamValidationError|ValidationException"),
        (Category.INFRASTRUCTURE, r"ICEBERG_COMMIT_ERROR|INTERNAL_ERROR|InternalServer|ServiceUnavailable"),
        (Category.INFRASTRUCTURE, r"(Connect|Read)Timeout|EndpointConnection|ConnectionClosed|EXCEEDED_"),
    )
)
_BY_TYPE: Mapping[type[BaseException], Category] = {
    DataProblem: Category.DATA,
    # What a sensor waited for has not come.
    AirflowSensorTimeout: Category.DATA,
    TaskDeferralTimeout: Category.DATA,
    KeyError: Category.CODE,
    TypeError: Category.CODE,
    ValueError: Category.CODE,
    AttributeError: Category.CODE,
    ImportError: Category.CODE,
}


def classify(error: BaseException | str | None) -> Failure:
    """Say of what kind a failure is; what nobody knows may pass, and is tried again.

    Args:
        error: The exception; None for a task that was killed and could not say anything.
    """
    if error is None:
        return Failure(Category.INFRASTRUCTURE, "The task's process ended without a word")
    if isinstance(error, str):
        return Failure(_by_words(error) or Category.INFRASTRUCTURE, error)
    message = f"{type(error).__name__}: {error}"
    for cause in _chain(error):
        if isinstance(cause, NotTriedAgain):
            return cause.failure
        for kind, category in _BY_TYPE.items():
            if isinstance(cause, kind) and not _by_words(f"{type(cause).__name__}: {cause}"):
                return Failure(category, message)
        if found := _by_words(f"{type(cause).__name__}: {cause}"):
            return Failure(found, message)
    return Failure(Category.INFRASTRUCTURE, message)


def _by_words(text: str) -> Category | None:
    return next((category for category, words in _BY_WORDS if words.search(text)), None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def retried_by_kind(work: Callable[..., Any]) -> Callable[..., Any]:
    """Let only those failures of a task be tried again that may pass by themselves."""

    @wraps(work)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return work(*args, **kwargs)
        except AirflowFailException:
            raise
        except Exception as error:
            failure = classify(error)
            if failure.category.passes:
                raise
            raise NotTriedAgain(failure) from error

    return run


class RetriedByKind:
    """Makes an operator do so; it stands before the operator's class."""

    def execute(self, context: Any) -> Any:
        """Run the operator."""
        return retried_by_kind(super().execute)(context)  # type: ignore[misc]  # the operator's

    def execute_complete(self, context: Any, event: dict[str, Any] | None = None) -> Any:
        """Go on after a wait outside of the worker."""
        return retried_by_kind(super().execute_complete)(context, event)  # type: ignore[misc]  # the operator's

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Go on after a wait, or learn that it took too long."""
        return retried_by_kind(super().resume_execution)(next_method, next_kwargs, context)  # type: ignore[misc]
