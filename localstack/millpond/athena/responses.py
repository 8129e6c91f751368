"""Athena's wire format: JSON in, JSON out, and every refusal as a 4xx that botocore understands."""

from __future__ import annotations

import json
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.utils import camelcase_to_underscores, method_names_from_class

from millpond.athena.data_catalogs import DataCatalogsApi
from millpond.athena.exceptions import (
    InvalidQueryExecutionState,
    InvalidRequest,
    UnsupportedOperation,
)
from millpond.athena.execution import CANCELLED, FAILED, SUCCEEDED
from millpond.athena.pages import make_token, read_token
from millpond.request_constraints import told, violations

MAX_RESULT_ROWS = 1000
_OLDEST_RESULT_MINUTES = 7 * 24 * 60

_WITHOUT_EFFECT = frozenset(
    f"{verb}CapacityReservation{plural}"
    for verb, plural in (("Create", ""), ("Get", ""), ("List", "s"), ("Update", ""))
)
"""What moto answers though nothing would be reserved."""


class AthenaApi(DataCatalogsApi):
    """The operations; what is not here is moto's, and what moto has not either is refused."""

    def call_action(self) -> tuple[int, dict[str, Any], Any]:
        """Refuse what is not there, in Athena's own protocol."""
        operation = self._get_action()
        if operation and (
            operation in _WITHOUT_EFFECT
            or camelcase_to_underscores(operation) not in method_names_from_class(type(self))
        ):
            return _refused(UnsupportedOperation(operation))
        if operation:
            try:
                check_request(operation, self.body)
            except InvalidRequest as error:
                return _refused(error)
        return super().call_action()

    # ---- queries

    def start_query_execution(self) -> str:
        """Queue a query."""
        execution = self.athena_backend.start_query(
            self._required("QueryString"),
            self._get_param("QueryExecutionContext") or {},
            self._get_param("ResultConfiguration") or {},
            self._get_param("WorkGroup") or "primary",
            self._get_param("ExecutionParameters"),
            self._get_param("ClientRequestToken"),
            self._reuse_minutes(),
        )
        return json.dumps({"QueryExecutionId": execution.id})

    def _reuse_minutes(self) -> int | None:
        """The age that `ResultReuseByAgeConfiguration` allows; an hour unless it says otherwise."""
        reuse = (self._get_param("ResultReuseConfiguration") or {}).get("ResultReuseByAgeConfiguration") or {}
        if not reuse.get("Enabled"):
            return None
        minutes = int(reuse.get("MaxAgeInMinutes", 60))
        if not 0 <= minutes <= _OLDEST_RESULT_MINUTES:
            raise InvalidRequest(
                f"MaxAgeInMinutes must be between 0 and {_OLDEST_RESULT_MINUTES}, but is {minutes}"
            )
        return minutes

    def get_query_execution(self) -> str:
        """Where a query stands."""
        execution = self.athena_backend.query(self._required("QueryExecutionId"))
        self.athena_backend.queries.await_end(execution)
        return json.dumps({"QueryExecution": execution.to_dict()})

    def batch_get_query_execution(self) -> str:
        """Where several queries stand."""
        found, missing = [], []
        for query_id in self._required("QueryExecutionIds"):
            execution = self.athena_backend.queries.get(query_id)
            if execution is not None:
                found.append(execution.to_dict())
            else:
                missing.append(
                    {
                        "QueryExecutionId": query_id,
                        "ErrorCode": "INVALID_INPUT",
                        "ErrorMessage": f"QueryExecution {query_id} was not found",
                    }
                )
        return json.dumps({"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing})

    def list_query_executions(self) -> str:
        """A workgroup's queries, the latest first."""
        workgroup = self._get_param("WorkGroup") or "primary"
        self.athena_backend.workgroup(workgroup)
        ids = [q.id for q in self.athena_backend.queries.all() if q.request.workgroup == workgroup]
        page, token = self._page(ids, 50)
        return json.dumps({"QueryExecutionIds": page, **token})

    def stop_query_execution(self) -> str:
        """Cancel a query."""
        self.athena_backend.query(self._required("QueryExecutionId")).stop()
        return "{}"

    def get_query_results(self) -> str:
        """A page of a finished query's rows."""
        execution = self.athena_backend.query(self._required("QueryExecutionId"))
        if execution.state in (FAILED, CANCELLED):
            raise InvalidQueryExecutionState(
                f"Query did not finish successfully. Final query state: {execution.state}"
            )
        if execution.state != SUCCEEDED:
            raise InvalidQueryExecutionState(f"Query has not yet finished. Current state: {execution.state}")
        size = self._get_param("MaxResults") or MAX_RESULT_ROWS
        result = execution.result
        rows, following = result.page(read_token(self._get_param("NextToken")), size)
        return json.dumps(
            {
                "UpdateCount": result.update_count,
                "ResultSet": {
                    "Rows": [
                        {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
                        for row in rows
                    ],
                    "ResultSetMetadata": {"ColumnInfo": [column.info for column in result.columns]},
                },
                **({"NextToken": make_token(following)} if following is not None else {}),
            }
        )

    def get_query_runtime_statistics(self) -> str:
        """How long a query took, and what it read and wrote."""
        execution = self.athena_backend.query(self._required("QueryExecutionId"))
        timeline = {k: v for k, v in execution.statistics.items() if k.endswith("InMillis")}
        result = execution.result
        rows = {
            "InputBytes": result.scanned_bytes,
            "OutputBytes": result.output_bytes,
            "OutputRows": len(result.rows) or result.update_count,
        }
        return json.dumps({"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": rows}})

    # ---- workgroups and tags

    def create_work_group(self) -> str:
        """Make a workgroup."""
        created = self.athena_backend.create_work_group(
            self._required("Name"),
            self._get_param("Configuration") or {},
            self._get_param("Description") or "",
            self._get_param("Tags") or [],
        )
        if created is None:
            raise InvalidRequest("WorkGroup is already created")
        return "{}"

    def get_work_group(self) -> str:
        """One workgroup."""
        return json.dumps({"WorkGroup": self.athena_backend.describe_work_group(self._required("WorkGroup"))})

    def update_work_group(self) -> str:
        """Change a workgroup's settings."""
        self.athena_backend.update_work_group(
            self._required("WorkGroup"),
            self._get_param("Description"),
            self._get_param("ConfigurationUpdates") or {},
            self._get_param("State"),
        )
        return "{}"

    def delete_work_group(self) -> str:
        """Remove a workgroup."""
        recursive = bool(self._get_param("RecursiveDeleteOption"))
        self.athena_backend.remove_work_group(self._required("WorkGroup"), recursive)
        return "{}"

    def list_work_groups(self) -> str:
        """All workgroups."""
        page, token = self._page(self.athena_backend.work_group_summaries(), 50)
        return json.dumps({"WorkGroups": page, **token})

    def list_tags_for_resource(self) -> str:
        """A resource's tags."""
        return json.dumps({"Tags": self.athena_backend.tags_of(self._required("ResourceARN"))})

    def list_engine_versions(self) -> str:
        """The engine versions that a workgroup may select."""
        version = "Athena engine version 3"
        versions = [
            {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": version},
            {"SelectedEngineVersion": version, "EffectiveEngineVersion": version},
        ]
        return json.dumps({"EngineVersions": versions})


def check_request(operation: str, body: Any) -> None:
    """Hold a request against Athena's own model.

    Raises:
        InvalidRequest: A member is missing, of a wrong type or out of its bounds.
    """
    try:
        request = json.loads(body or "{}")
    except ValueError:
        raise InvalidRequest("The request is no JSON.") from None
    found = violations("athena", operation, request)
    if found:
        raise InvalidRequest(told(found))


def _refused(error: JsonRESTError) -> tuple[int, dict[str, Any], Any]:
    return (
        error.code,
        {"Content-Type": "application/x-amz-json-1.1", "status": str(error.code)},
        error.description,
    )
