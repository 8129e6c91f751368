"""The wire format of saved statements: named queries and prepared statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from moto.athena.models import NamedQuery, PreparedStatement, athena_backends
from moto.athena.responses import AthenaResponse

from millpond.athena.exceptions import InvalidRequest, ResourceNotFound
from millpond.athena.pages import make_token, read_token
from millpond.athena.service import AthenaService

_Item = TypeVar("_Item")


class SavedStatementsApi(AthenaResponse):
    """The operations on saved statements, and what all operations need of a request."""

    @property
    def athena_backend(self) -> AthenaService:
        """The service of the caller's account and region."""
        service = athena_backends[self.current_account][self.region]
        assert isinstance(service, AthenaService)  # noqa: S101 - install() put the class there
        return service

    # ---- named queries

    def create_named_query(self) -> str:
        """Keep a query under an id."""
        query = self.athena_backend.save_query(
            self._required("Name"),
            self._get_param("Description") or "",
            self._required("Database"),
            self._required("QueryString"),
            self._get_param("WorkGroup") or "primary",
            self._get_param("ClientRequestToken"),
        )
        return json.dumps({"NamedQueryId": query.id})

    def get_named_query(self) -> str:
        """One named query."""
        found = self.athena_backend.named_query(self._required("NamedQueryId"))
        return json.dumps({"NamedQuery": _named_query(found)})

    def batch_get_named_query(self) -> str:
        """Several named queries."""
        ids = self._required("NamedQueryIds")
        known = self.athena_backend.named_queries
        missing = [
            {
                "NamedQueryId": query_id,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"NamedQuery {query_id} was not found",
            }
            for query_id in ids
            if query_id not in known
        ]
        found = [_named_query(known[query_id]) for query_id in ids if query_id in known]
        return json.dumps({"NamedQueries": found, "UnprocessedNamedQueryIds": missing})

    def update_named_query(self) -> str:
        """Give a named query another text."""
        query = self.athena_backend.named_query(self._required("NamedQueryId"))
        query.name = self._required("Name")
        query.query_string = self._required("QueryString")
        query.description = self._get_param("Description") or query.description
        return "{}"

    def delete_named_query(self) -> str:
        """Forget a named query."""
        self.athena_backend.remove_named_query(self._required("NamedQueryId"))
        return "{}"

    # ---- prepared statements

    def create_prepared_statement(self) -> str:
        """Keep a statement under a name."""
        workgroup, name = self._required("WorkGroup"), self._required("StatementName")
        if (workgroup, name) in self.athena_backend.prepared:
            raise InvalidRequest(f"PreparedStatement {name} already exists")
        return self._put_prepared_statement(workgroup, name)

    def update_prepared_statement(self) -> str:
        """Keep another statement under a name."""
        workgroup, name = self._required("WorkGroup"), self._required("StatementName")
        self.athena_backend.prepared_statement(workgroup, name)
        return self._put_prepared_statement(workgroup, name)

    def get_prepared_statement(self) -> str:
        """One prepared statement."""
        workgroup = self._required("WorkGroup")
        found = self.athena_backend.prepared_statement(workgroup, self._required("StatementName"))
        return json.dumps({"PreparedStatement": _prepared_statement(workgroup, found)})

    def batch_get_prepared_statement(self) -> str:
        """Several prepared statements of a workgroup."""
        workgroup = self._required("WorkGroup")
        found, missing = [], []
        for name in self._required("PreparedStatementNames"):
            try:
                statement = self.athena_backend.prepared_statement(workgroup, name)
                found.append(_prepared_statement(workgroup, statement))
            except ResourceNotFound as error:
                missing.append(
                    {
                        "StatementName": name,
                        "ErrorCode": "STATEMENT_NOT_FOUND",
                        "ErrorMessage": error.message,
                    }
                )
        return json.dumps({"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing})

    def list_prepared_statements(self) -> str:
        """A workgroup's prepared statements."""
        workgroup = self._required("WorkGroup")
        found = [
            {"StatementName": name, "LastModifiedTime": statement.last_modified_time.timestamp()}
            for (group, name), statement in self.athena_backend.prepared.items()
            if group == workgroup
        ]
        page, token = self._page(found, 50)
        return json.dumps({"PreparedStatements": page, **token})

    def delete_prepared_statement(self) -> str:
        """Forget a prepared statement."""
        self.athena_backend.remove_prepared_statement(
            self._required("WorkGroup"), self._required("StatementName")
        )
        return "{}"

    def _put_prepared_statement(self, workgroup: str, name: str) -> str:
        self.athena_backend.put_prepared_statement(
            workgroup, name, self._required("QueryStatement"), self._get_param("Description") or ""
        )
        return "{}"

    # ---- parameters and pages

    def _required(self, name: str) -> Any:
        value = self._get_param(name)
        if value is None:
            raise InvalidRequest(f"1 validation error detected: '{name}' must not be null")
        return value

    def _page(self, items: Sequence[_Item], default_size: int) -> tuple[list[_Item], dict[str, str]]:
        start = read_token(self._get_param("NextToken"))
        stop = start + int(self._get_param("MaxResults") or default_size)
        token = {"NextToken": make_token(stop)} if stop < len(items) else {}
        return list(items[start:stop]), token


def _named_query(query: NamedQuery) -> dict[str, Any]:
    return {
        "NamedQueryId": query.id,
        "Name": query.name,
        "Description": query.description,
        "Database": query.database,
        "QueryString": query.query_string,
        "WorkGroup": query.workgroup.name,
    }


def _prepared_statement(workgroup: str, statement: PreparedStatement) -> dict[str, Any]:
    return {
        "StatementName": statement.statement_name,
        "QueryStatement": statement.query_statement,
        "WorkGroupName": workgroup,
        "Description": statement.description,
        "LastModifiedTime": statement.last_modified_time.timestamp(),
    }
