"""Athena: moto's workgroups, named queries and tags, with queries that are really executed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from moto.athena.models import AthenaBackend, NamedQuery, PreparedStatement, WorkGroup

from millpond.athena import workgroup_settings
from millpond.athena.encryption import object_encryption
from millpond.athena.engine import Engine
from millpond.athena.exceptions import (
    IdempotentParameterMismatch,
    InvalidRequest,
    MalformedQuery,
    MetadataError,
    NamedQueryNotFound,
    QueryExecutionNotFound,
    ResourceNotFound,
)
from millpond.athena.execution import QueryExecution, QueryExecutions, QueryRequest, new_query_id
from millpond.athena.glue import GlueCatalog
from millpond.athena.output import output_object
from millpond.athena.results import QueryResult
from millpond.athena.rights import actor_of
from millpond.athena.sql import statements
from millpond.athena.sql.catalog import GLUE_CATALOG, DataCatalogs
from millpond.athena.sql.exceptions import NotSupported, SqlError
from millpond.athena.sql.parse import parse_statement
from millpond.athena.sql.plan import Session
from millpond.iam.enforcement import AccessDeniedError, current_caller
from millpond.s3 import ObjectStorage, S3Location
from millpond.s3.exceptions import InvalidLocation, StorageError

if TYPE_CHECKING:
    from millpond.athena.runtime import QueryRuntime


_PREPARED = tuple[str, str]


class AthenaService(AthenaBackend):
    """Athena of one account and region.

    Args:
        region_name: The region.
        account_id: The account.
        storage: The objects.
        engine: What computes; one for all regions.
    """

    def __init__(self, region_name: str, account_id: str, *, storage: ObjectStorage, engine: Engine) -> None:
        super().__init__(region_name, account_id)
        self._storage = storage
        self._engine = engine
        self._runtime: QueryRuntime | None = None
        self.glue = GlueCatalog(account_id, region_name)
        self.queries = QueryExecutions(self._run, self._has_result_file)
        self._tokens: dict[str, str] = {}
        self.prepared: dict[_PREPARED, PreparedStatement] = {}
        self._created = {"primary": time.time()}

    @property
    def _url_module(self) -> Any:
        from millpond.athena import urls

        return urls

    def reset(self) -> None:
        """Forget everything, as moto's tests ask for; running queries are cancelled."""
        self.close()
        storage, engine = self._storage, self._engine
        region, account = self.region_name, self.account_id
        self.__dict__.clear()
        AthenaService.__init__(self, region, account, storage=storage, engine=engine)

    def close(self) -> None:
        """Cancel all queries."""
        self.queries.close()

    # ---- queries

    def start_query(
        self,
        text: str,
        context: dict[str, Any],
        configuration: dict[str, Any],
        workgroup_name: str,
        parameters: list[str] | None,
        token: str | None,
        reuse_minutes: int | None = None,
    ) -> QueryExecution:
        """StartQueryExecution; a request that is sent again with its token starts nothing new.

        Raises:
            InvalidRequest: The statement has a syntax error, the workgroup is disabled, there is no place
                for the results, or the token was sent with another query.
        """
        known = self.queries.get(self._tokens.get(token, "")) if token else None
        if known is not None:
            if (known.request.text, known.request.workgroup) != (text, workgroup_name):
                raise IdempotentParameterMismatch
            return known
        workgroup = self.workgroup(workgroup_name)
        if workgroup.state != "ENABLED":
            raise InvalidRequest(f"WorkGroup {workgroup.name} is disabled.")
        statement = _parse(text)
        query_id = new_query_id()
        settings = workgroup.configuration
        location = self._output_object(settings, configuration, statement, query_id)
        encryption = workgroup_settings.encryption(settings, configuration)
        kept = {
            k: v for k, v in configuration.items() if k not in ("OutputLocation", "EncryptionConfiguration")
        }
        if encryption:
            kept["EncryptionConfiguration"] = encryption
        request = QueryRequest(
            query_id=query_id,
            text=text,
            statement=statement,
            # awswrangler's utilities put the database's name in backquotes, as Hive's statements do.
            session=Session(
                (context.get("Catalog") or GLUE_CATALOG).lower(),
                (context.get("Database") or "").strip("`").lower() or None,
                self.catalogs(),
            ),
            workgroup=workgroup.name,
            output_object=location,
            output_enforced=workgroup_settings.enforces_output(settings),
            scan_limit=settings.get("BytesScannedCutoffPerQuery"),
            parameters=tuple(parameters or ()),
            has_parameters=parameters is not None,
            result_configuration=kept,
            encryption=object_encryption(encryption),
            context=context,
            managed_results=workgroup_settings.managed_results(settings),
            engine_version=settings["EngineVersion"],
            reuse_minutes=reuse_minutes,
        )
        if token:
            self._tokens[token] = query_id
        return self.queries.start(request)

    def query(self, query_id: str) -> QueryExecution:
        """A query by its id.

        Raises:
            InvalidRequest: There is none.
        """
        execution = self.queries.get(query_id)
        if execution is None:
            raise QueryExecutionNotFound(query_id)
        return execution

    def _run(self, execution: QueryExecution) -> QueryResult:
        if self._runtime is None:
            from millpond.athena.runtime import QueryRuntime

            self._runtime = QueryRuntime(self, self._storage, self._engine)
        return self._runtime.run(execution)

    def _has_result_file(self, execution: QueryExecution) -> bool:
        location = execution.request.output_object
        if location is None:
            return True
        try:
            self._storage.get(location)
        except StorageError:
            return False
        return True

    def _output_object(
        self,
        settings: dict[str, Any],
        configuration: dict[str, Any],
        statement: statements.Statement,
        query_id: str,
    ) -> S3Location | None:
        uri = workgroup_settings.output_uri(settings, configuration.get("OutputLocation"))
        if uri is None:
            return None
        try:
            location = S3Location.parse(uri).as_folder
        except InvalidLocation:
            raise InvalidRequest(f"outputLocation is not a valid S3 path: {uri}") from None
        if not (self._storage.has_bucket(location.bucket) and self._may_locate(location.bucket)):
            raise InvalidRequest(f"Unable to verify/create output bucket {location.bucket}")
        return output_object(statement, location, query_id)

    def _may_locate(self, bucket: str) -> bool:
        """Whether the caller may ask where a bucket is, as Athena does with his rights before a query."""
        try:
            actor = actor_of(current_caller(), self.account_id, self.region_name)
            actor.check("s3", "GetBucketLocation", Bucket=bucket)
        except AccessDeniedError:
            return False
        return True

    # ---- workgroups

    def workgroup(self, name: str) -> WorkGroup:
        """A workgroup.

        Raises:
            InvalidRequest: There is none of that name.
        """
        found = self.work_groups.get(name)
        if found is None:
            raise InvalidRequest(f"WorkGroup {name} is not found.")
        return found

    def create_work_group(
        self, name: str, configuration: dict[str, Any], description: str, tags: list[dict[str, str]]
    ) -> WorkGroup | None:
        """CreateWorkGroup; None if there is one of that name."""
        configuration = workgroup_settings.completed(configuration or {})
        workgroup = super().create_work_group(name, configuration, description or "", tags or [])
        if workgroup is not None and name != "primary":
            self._created[name] = time.time()
        return workgroup

    def update_work_group(
        self, name: str, description: str | None, updates: dict[str, Any], state: str | None
    ) -> None:
        """UpdateWorkGroup: `ConfigurationUpdates` name what changes, and what is removed."""
        workgroup = self.workgroup(name)
        workgroup_settings.update(workgroup.configuration, updates)
        if description is not None:
            workgroup.description = description
        if state is not None:
            workgroup.state = state

    def describe_work_group(self, name: str) -> dict[str, Any]:
        """The API's `WorkGroup`."""
        workgroup = self.workgroup(name)
        return {
            "Name": workgroup.name,
            "State": workgroup.state,
            "Configuration": workgroup.configuration,
            "Description": workgroup.description,
            "CreationTime": self._created[name],
        }

    def remove_work_group(self, name: str, recursive: bool) -> None:
        """DeleteWorkGroup.

        Raises:
            InvalidRequest: It is the primary workgroup, or holds queries and `recursive` is false.
        """
        if name == "primary":
            raise InvalidRequest("Primary workgroup cannot be deleted.")
        workgroup = self.workgroup(name)
        named = [q for q in self.named_queries.values() if q.workgroup.name == name]
        prepared = [key for key in self.prepared if key[0] == name]
        executed = [q for q in self.queries.all() if q.request.workgroup == name]
        if not recursive and (named or prepared or executed):
            raise InvalidRequest(f"WorkGroup {name} is not empty")
        self.queries.forget(executed)
        for query in named:
            del self.named_queries[query.id]
        for key in prepared:
            del self.prepared[key]
        self.tagger.delete_all_tags_for_resource(workgroup.arn)
        del self.work_groups[name]

    def work_group_summaries(self) -> list[dict[str, Any]]:
        """The API's `WorkGroupSummary` of each workgroup."""
        return [
            {
                "Name": workgroup.name,
                "State": workgroup.state,
                "Description": workgroup.description,
                "CreationTime": self._created[workgroup.name],
                "EngineVersion": workgroup.configuration["EngineVersion"],
            }
            for workgroup in self.work_groups.values()
        ]

    def tags_of(self, arn: str) -> list[dict[str, str]]:
        """The tags of a workgroup, catalog or capacity reservation; it may have none.

        Raises:
            ResourceNotFound: There is no resource with that ARN.
        """
        resources = (
            *self.work_groups.values(),
            *self.data_catalogs.values(),
            *self.capacity_reservations.values(),
        )
        if not any(resource.arn == arn for resource in resources):
            raise ResourceNotFound(f"Resource {arn} not found")
        tags: list[dict[str, str]] = self.tagger.list_tags_for_resource(arn)["Tags"]
        return tags

    # ---- named queries and prepared statements

    def named_query(self, query_id: str) -> NamedQuery:
        """A named query.

        Raises:
            InvalidRequest: There is none with that id.
        """
        found = self.named_queries.get(query_id)
        if found is None:
            raise NamedQueryNotFound(query_id)
        return found

    def save_query(
        self, name: str, description: str, database: str, text: str, workgroup: str, token: str | None
    ) -> NamedQuery:
        """CreateNamedQuery; a request that is sent again with its token saves nothing new.

        Raises:
            InvalidRequest: There is no such workgroup, or the token was sent with another query.
        """
        group = self.workgroup(workgroup)
        known = self.named_queries.get(self._tokens.get(token, "")) if token else None
        if known is not None:
            if (known.name, known.database, known.query_string) != (name, database, text):
                raise IdempotentParameterMismatch
            return known
        query = NamedQuery(name, description, database, text, group)
        self.named_queries[query.id] = query
        if token:
            self._tokens[token] = query.id
        return query

    def remove_named_query(self, query_id: str) -> None:
        """DeleteNamedQuery."""
        self.named_query(query_id)
        del self.named_queries[query_id]

    def prepared_statement(self, workgroup: str, name: str) -> PreparedStatement:
        """A prepared statement.

        Raises:
            ResourceNotFound: The workgroup has none of that name.
        """
        self.workgroup(workgroup)
        try:
            return self.prepared[workgroup, name]
        except KeyError:
            raise ResourceNotFound(
                f"PreparedStatement {name} was not found in workgroup {workgroup}"
            ) from None

    def put_prepared_statement(self, workgroup: str, name: str, query: str, description: str) -> None:
        """CreatePreparedStatement, UpdatePreparedStatement and PREPARE."""
        self.prepared[workgroup, name] = PreparedStatement(
            name, self.workgroup(workgroup), query, description
        )

    def remove_prepared_statement(self, workgroup: str, name: str) -> None:
        """DeletePreparedStatement and DEALLOCATE PREPARE."""
        self.prepared_statement(workgroup, name)
        del self.prepared[workgroup, name]

    # ---- the data catalog

    def catalogs(self) -> DataCatalogs:
        """The catalogs by what is behind them: the account's own Glue catalog, or something else."""
        names: set[str] = {GLUE_CATALOG}
        others: set[str] = set()
        for catalog in self.data_catalogs.values():
            parameters: Any = catalog.parameters or {}  # a map, which moto declares to be a text
            is_own = catalog.type == "GLUE" and parameters.get("catalog-id") == self.account_id
            (names if is_own else others).add(catalog.name.lower())
        return DataCatalogs(frozenset(names), frozenset(others))

    def check_catalog(self, name: str) -> None:
        """Only the account's Glue catalog can be asked, under each of its names.

        Raises:
            MetadataError: The catalog is another one, or there is none of that name.
        """
        try:
            found = self.catalogs().resolve(name)
        except NotSupported as error:
            raise MetadataError(error.message) from None
        if found != GLUE_CATALOG:
            raise MetadataError(f"DataCatalog {name} was not found")


def _parse(text: str) -> statements.Statement:
    try:
        return parse_statement(text)
    except SqlError as error:
        place = f"line {error.line}:{error.column}: " if error.line is not None else ""
        raise MalformedQuery(f"{place}{error.message}") from None
