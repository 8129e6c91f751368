"""Queries on their way: QUEUED, RUNNING, then SUCCEEDED, FAILED or CANCELLED.

https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from millpond.athena.error_types import error_category, error_type, is_retryable
from millpond.athena.exceptions import InternalError, QueryCancelled
from millpond.athena.results import QueryResult
from millpond.athena.sql.exceptions import SqlError
from millpond.athena.sql.plan import Session
from millpond.athena.sql.statements import Statement
from millpond.iam.enforcement import current_caller
from millpond.iam.evaluation import Principal
from millpond.s3 import ObjectEncryption, S3Location

if TYPE_CHECKING:
    from millpond.athena.engine import EngineSession

MAX_RUNNING_QUERIES = 20
"""How many queries run at once; Athena's quota for DML is of this order."""

_AWAITED_SECONDS = 0.1
"""How long the answer to a question after a query's state is held back for the query's end."""

_MAX_AWAITING = 16
"""How many answers are held back at once: half of the threads that answer requests."""

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"
FINAL_STATES = frozenset((SUCCEEDED, FAILED, CANCELLED))

_REUSABLE = frozenset(("SELECT", "EXECUTE"))
"""https://docs.aws.amazon.com/athena/latest/ug/reusing-query-results.html"""

_FORGOTTEN = Statement()
"""In place of the statement of a query that has ended: its tree may take a hundred kilobytes."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class QueryRequest:
    """What StartQueryExecution asked for, with the workgroup's settings applied.

    Attributes:
        text: The statement as it was sent.
        statement: The statement as it was parsed.
        session: What its names are resolved against.
        workgroup: The workgroup's name.
        output_object: The object or prefix that the API names as the query's OutputLocation; None if Athena
            keeps the result itself.
        output_enforced: Whether the workgroup prescribes where results and new tables lie.
        scan_limit: How many bytes of table files it may read, None for any number.
        parameters: Values for the statement's `?`, as SQL text.
        result_configuration: What the API repeats of the result configuration.
        encryption: How what it writes is encrypted.
        managed_results: What the API repeats of the managed results' configuration.
        context: What the API repeats of the query context.
        engine_version: What the API tells of the engine.
        reuse_minutes: How old an earlier result may be that answers this query too, None for none.
        caller: Who sent it, and with whose rights it reads and writes.
    """

    query_id: str
    text: str
    statement: Statement
    session: Session
    workgroup: str
    output_object: S3Location | None
    output_enforced: bool = False
    scan_limit: int | None = None
    parameters: tuple[str, ...] = ()
    has_parameters: bool = False
    result_configuration: Mapping[str, Any] = field(default_factory=dict)
    encryption: ObjectEncryption | None = None
    managed_results: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    engine_version: Mapping[str, Any] = field(default_factory=dict)
    reuse_minutes: int | None = None
    caller: Principal = field(default_factory=current_caller)

    def is_same_query(self, other: QueryRequest) -> bool:
        """Whether the result of one may stand for the result of the other."""
        return (self.text, self.session, self.workgroup, self.parameters, self.caller.arn) == (
            other.text,
            other.session,
            other.workgroup,
            other.parameters,
            other.caller.arn,
        )


@dataclass(frozen=True)
class QueryError:
    """`AthenaError` of a failed query."""

    category: int
    type: int
    message: str
    retryable: bool

    @classmethod
    def of(cls, error: SqlError) -> QueryError:
        """What Athena tells about an error."""
        return cls(error_category(error.code), error_type(error.code), str(error), is_retryable(error.code))


class QueryExecution:
    """One query from its start to its end, and what it left."""

    def __init__(self, request: QueryRequest) -> None:
        self.request = request
        self.statement_type = request.statement.statement_type
        self.substatement_type = request.statement.substatement_type
        self.state = QUEUED
        self.error: QueryError | None = None
        self.reason: str | None = None
        self.result = QueryResult()
        self.submitted = time.time()
        self.started: float | None = None
        self.completed: float | None = None
        self.has_reused = False
        self._changed = threading.Condition()
        self._session: EngineSession | None = None
        self._stopped = False

    @property
    def id(self) -> str:
        """The QueryExecutionId."""
        return self.request.query_id

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.state in FINAL_STATES

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; False if it still runs after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_final, timeout)

    def stop(self) -> None:
        """Cancel it, wherever it is."""
        with self._changed:
            if self.is_final:
                return
            self._stopped = True
            if self._session is not None:
                self._session.interrupt()
            if self.state == QUEUED:
                self._finish(CANCELLED)

    def begin(self) -> bool:
        """Take the step to RUNNING; False if it was cancelled before."""
        with self._changed:
            if self.is_final:
                return False
            self.state = RUNNING
            self.started = time.time()
            return True

    def attach(self, session: EngineSession) -> None:
        """From now on `stop` interrupts this session."""
        with self._changed:
            self._session = session
            if self._stopped:
                session.interrupt()

    def detach(self) -> None:
        """The session ends."""
        with self._changed:
            self._session = None

    def succeed(self, result: QueryResult) -> None:
        """End with a result."""
        with self._changed:
            self.result = result
            self._finish(SUCCEEDED)

    def reuse(self, earlier: QueryExecution) -> None:
        """End with the result of an earlier query, which stays where it lies."""
        with self._changed:
            self.request = replace(self.request, output_object=earlier.request.output_object)
            self.result = replace(earlier.result, scanned_bytes=0)
            self.has_reused = True
            self._finish(SUCCEEDED)

    def may_answer(self, request: QueryRequest, now: float) -> bool:
        """Whether its result is young enough for a query that asks the same."""
        return (
            self.state == SUCCEEDED
            and not self.has_reused
            and request.reuse_minutes is not None
            and self.completed is not None
            and now - self.completed <= request.reuse_minutes * 60
            and self.request.is_same_query(request)
        )

    def fail(self, error: QueryError) -> None:
        """End with an error."""
        with self._changed:
            self.error = error
            self.reason = error.message
            self._finish(FAILED)

    def cancel(self, reason: str | None) -> None:
        """End because of `stop`, or because a limit was reached."""
        with self._changed:
            self.reason = reason
            self._finish(CANCELLED)

    def _finish(self, state: str) -> None:
        self.state = state
        self.completed = time.time()
        self.request = replace(self.request, statement=_FORGOTTEN)
        self._changed.notify_all()

    @property
    def statistics(self) -> dict[str, Any]:
        """`Statistics` of the API; times in milliseconds."""
        now = time.time()
        started, completed = self.started or self.completed or now, self.completed or now
        engine = _milliseconds(completed - started)
        queued = _milliseconds(started - self.submitted)
        manifest = self.result.manifest
        return {
            "EngineExecutionTimeInMillis": engine,
            "DataScannedInBytes": self.result.scanned_bytes,
            "TotalExecutionTimeInMillis": engine + queued,
            "QueryQueueTimeInMillis": queued,
            "ServicePreProcessingTimeInMillis": 0,
            "QueryPlanningTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": self.has_reused},
            **({"DataManifestLocation": str(manifest)} if manifest else {}),
        }

    @property
    def _reuse_configuration(self) -> dict[str, Any]:
        minutes = self.request.reuse_minutes
        return {"Enabled": False} if minutes is None else {"Enabled": True, "MaxAgeInMinutes": minutes}

    def to_dict(self) -> dict[str, Any]:
        """The API's `QueryExecution`."""
        request = self.request
        status: dict[str, Any] = {"State": self.state, "SubmissionDateTime": self.submitted}
        if self.completed is not None:
            status["CompletionDateTime"] = self.completed
        if self.reason is not None:
            status["StateChangeReason"] = self.reason
        if self.error is not None:
            status["AthenaError"] = {
                "ErrorCategory": self.error.category,
                "ErrorType": self.error.type,
                "Retryable": self.error.retryable,
                "ErrorMessage": self.error.message,
            }
        location = {"OutputLocation": str(request.output_object)} if request.output_object else {}
        parameters = {"ExecutionParameters": list(request.parameters)} if request.has_parameters else {}
        return {
            "QueryExecutionId": self.id,
            "Query": request.text,
            "StatementType": self.statement_type,
            "SubstatementType": self.substatement_type,
            "ManagedQueryResultsConfiguration": dict(request.managed_results),
            "ResultConfiguration": {**request.result_configuration, **location},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": self._reuse_configuration},
            "QueryExecutionContext": dict(request.context),
            "Status": status,
            "Statistics": self.statistics,
            "WorkGroup": request.workgroup,
            "EngineVersion": dict(request.engine_version),
            **parameters,
        }


class QueryExecutions:
    """The queries of one account and region, and the threads that run them.

    Args:
        run: Runs a query to its end and gives its result.
        is_readable: Whether an earlier query's result can still be read.
    """

    def __init__(
        self,
        run: Callable[[QueryExecution], QueryResult],
        is_readable: Callable[[QueryExecution], bool],
    ) -> None:
        self._run = run
        self._is_readable = is_readable
        self._by_id: dict[str, QueryExecution] = {}
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(MAX_RUNNING_QUERIES, thread_name_prefix="athena")
        self._awaiting = threading.BoundedSemaphore(_MAX_AWAITING)

    def start(self, request: QueryRequest) -> QueryExecution:
        """Queue a query."""
        execution = QueryExecution(request)
        with self._lock:
            self._by_id[execution.id] = execution
        self._workers.submit(self._work, execution)
        return execution

    def get(self, query_id: str) -> QueryExecution | None:
        """A query by its id."""
        with self._lock:
            return self._by_id.get(query_id)

    def all(self) -> list[QueryExecution]:
        """All queries, the latest first."""
        with self._lock:
            return list(reversed(self._by_id.values()))

    def await_end(self, execution: QueryExecution) -> None:
        """Wait a moment for a query to end, as long as an answer of AWS's takes to come.

        Clients ask until the query has ended. A client and a server on the same machine take the cores from
        the query that they ask after; and what ends in that moment need not wait for the client's next turn,
        which may be a second away.
        """
        if not execution.is_final and self._awaiting.acquire(blocking=False):
            try:
                execution.wait(_AWAITED_SECONDS)
            finally:
                self._awaiting.release()

    def forget(self, executions: Iterable[QueryExecution]) -> None:
        """Cancel those that run, and answer no more for any of them."""
        for execution in executions:
            execution.stop()
            with self._lock:
                self._by_id.pop(execution.id, None)

    def close(self) -> None:
        """Cancel what runs and wait for it to end."""
        for execution in self.all():
            execution.stop()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _work(self, execution: QueryExecution) -> None:
        if not execution.begin():
            return
        try:
            earlier = self._reusable(execution.request)
            if earlier is not None:
                execution.reuse(earlier)
            else:
                execution.succeed(self._run(execution))
        except QueryCancelled as cancelled:
            execution.cancel(cancelled.reason)
        except SqlError as error:
            execution.fail(QueryError.of(error))
        except Exception as error:  # the query must end, and whoever reads the log must see why
            _log.exception("Query %s failed inside the local cloud: %s", execution.id, execution.request.text)
            internal = InternalError(f"{type(error).__name__}: {error}")
            execution.fail(QueryError.of(internal))

    def _reusable(self, request: QueryRequest) -> QueryExecution | None:
        """The latest query whose result answers this one, if it may be reused."""
        if request.reuse_minutes is None or request.statement.substatement_type not in _REUSABLE:
            return None
        now = time.time()
        candidates = (earlier for earlier in self.all() if earlier.may_answer(request, now))
        return next((earlier for earlier in candidates if self._is_readable(earlier)), None)


def new_query_id() -> str:
    """A QueryExecutionId."""
    return str(uuid.uuid4())


def _milliseconds(seconds: float) -> int:
    return max(round(seconds * 1000), 0)
