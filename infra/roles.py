"""Every role of the lake: who may take it, and what it may do, as a table.

`docs/roles` says of each why it may do so, and what it must not do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from infra import batch_load, event_stream
from infra.batch_load import BATCH_LOAD, SCHEDULES
from infra.event_stream import COLLECT_EVENTS, DELIVERY, DELIVERY_LOG_STREAM, EVENTS_STREAM
from infra.function import log_group_name
from infra.ingestion import INGEST
from infra.jobs import COMPACT_RAW, CRAWL_LANDING, SCRIPTS_PREFIX, SESSIONIZE_EVENTS, SPARK_TEMPORARY_PREFIX
from infra.naming import Naming
from infra.policies.airflow import host_airflow
from infra.policies.document import Statement
from infra.policies.identity import assume_role, trust_account, trust_function_service, trust_service
from infra.policies.keys import decrypt, decrypt_and_encrypt, encrypt
from infra.policies.logs import deliver_logs, put_metrics, write_glue_logs, write_log_stream, write_logs
from infra.policies.objects import (
    delete_objects,
    fetch_objects,
    get_objects,
    get_versions,
    list_objects,
    locate_bucket,
    miss_objects,
    put_objects,
    read_objects,
    write_objects,
)
from infra.policies.runs import (
    find_named_queries,
    invoke_function,
    query_in_state_machine,
    read_bookmarks,
    run_crawlers,
    run_jobs,
    run_queries,
    start_executions,
    watch_executions,
    watch_jobs,
)
from infra.policies.streams import put_records, read_stream, receive_messages
from infra.policies.tables import (
    crawl_tables,
    list_databases,
    move_partitions,
    own_tables,
    read_definitions,
    read_schema,
    read_tables,
    write_partitions,
)
from infra.query import ANALYST_RESULTS, ANALYSTS, DBT, DBT_RESULTS, PIPELINE_RESULTS, PIPELINES
from lake.raw_zone import (
    CLAIMS,
    EVENT_SESSIONS,
    INGESTION_LOG,
    PIPELINE_RUNS,
    QUARANTINE,
    compacted_prefix,
    errors_prefix,
    table_prefix,
)

AIRFLOW: Final = "airflow"
DAGS_PREFIX: Final = "mwaa/"
PIPELINES_NAMESPACE: Final = "pipelines"

# Where Glue's jobs and crawlers log; the groups belong to the account.
_PYTHON_SHELL_LOGS = ("/aws-glue/python-jobs/output", "/aws-glue/python-jobs/error")
_SPARK_LOGS = ("/aws-glue/jobs/output", "/aws-glue/jobs/error", "/aws-glue/jobs/logs-v2")
_CRAWLER_LOGS = ("/aws-glue/crawlers",)


@dataclass(frozen=True)
class Lake:
    """What the roles' rights are about.

    Attributes:
        naming: What things are called.
        files: The sources that arrive as files.
        streams: The sources that arrive as events.
        crawled: The folders of landing that the crawler looks at.
        key_arn: The key that encrypts the lake.
        encrypts_catalog: Whether the catalog's content is encrypted with it too: then whoever reads a table's
            definition needs the key.
    """

    naming: Naming
    files: Sequence[str]
    streams: Sequence[str]
    crawled: Sequence[str]
    key_arn: str
    encrypts_catalog: bool

    def bucket(self, zone: str) -> str:
        """The name of a zone's bucket."""
        return self.naming.bucket(zone)

    def database(self, zone: str) -> str:
        """The name of a zone's database."""
        return self.naming.database(zone)

    def services(self, *services: str) -> Sequence[str]:
        """The services that a role meets the key through: some, and the catalog if it is encrypted."""
        return (*services, "glue") if self.encrypts_catalog else services


@dataclass(frozen=True)
class RoleDefinition:
    """A role.

    Attributes:
        description: What it is for.
        trust: Who may take it.
        statements: What it may do.
        needs_stream: Whether it is of use only with an event stream.
    """

    description: str
    trust: Callable[[Naming], str]
    statements: Callable[[Lake], Iterable[Statement]]
    needs_stream: bool = False


def _ingest(lake: Lake) -> Iterable[Statement]:
    """Read landing, write its own prefixes of raw, add partitions."""
    naming, landing, raw = lake.naming, lake.bucket("landing"), lake.bucket("raw")
    tables, ledger = (*lake.files, QUARANTINE), (INGESTION_LOG, CLAIMS)
    yield from get_objects(naming, landing)
    yield from get_versions(naming, landing)
    yield from put_objects(naming, raw, *map(table_prefix, (*tables, *ledger)))
    yield from get_objects(naming, raw, *map(table_prefix, ledger), *map(compacted_prefix, lake.files))
    yield from write_partitions(naming, lake.database("raw"), tables)
    yield from receive_messages(naming, naming.name(INGEST))
    yield from decrypt_and_encrypt(naming, lake.key_arn, *lake.services("s3"))
    yield from write_logs(naming, log_group_name(naming, INGEST))


def _collect_events(lake: Lake) -> Iterable[Statement]:
    """Put records into the stream."""
    naming = lake.naming
    yield from put_records(naming, naming.name(EVENTS_STREAM))
    yield from encrypt(naming, lake.key_arn, "kinesis")
    yield from write_logs(naming, log_group_name(naming, COLLECT_EVENTS))


def _firehose(lake: Lake) -> Iterable[Statement]:
    """Read the stream and the tables' schemas, write the streams' prefixes of raw."""
    naming, raw = lake.naming, lake.bucket("raw")
    prefixes = [place(stream) for stream in lake.streams for place in (table_prefix, errors_prefix)]
    yield from read_stream(naming, naming.name(EVENTS_STREAM))
    yield from read_schema(naming, lake.database("raw"), lake.streams)
    yield from read_objects(naming, raw, *prefixes)
    yield from write_objects(naming, raw, *prefixes)
    yield from locate_bucket(naming, raw)
    yield from decrypt_and_encrypt(naming, lake.key_arn, *lake.services("s3", "kinesis"))
    yield from write_log_stream(naming, event_stream.delivery_log_group(naming), DELIVERY_LOG_STREAM)


def _crawler(lake: Lake) -> Iterable[Statement]:
    """Read the crawled folders of landing, write the tables of landing's database."""
    naming = lake.naming
    yield from read_objects(naming, lake.bucket("landing"), *(f"{folder}/" for folder in lake.crawled))
    yield from crawl_tables(naming, lake.database("landing"))
    yield from decrypt(naming, lake.key_arn, "s3")
    if lake.encrypts_catalog:
        yield from encrypt(naming, lake.key_arn, "glue")
    yield from write_glue_logs(naming, *_CRAWLER_LOGS)


def _compact_raw(lake: Lake) -> Iterable[Statement]:
    """Rewrite the partitions of raw's tables."""
    naming, raw = lake.naming, lake.bucket("raw")
    tables = (*lake.files, *lake.streams)
    prefixes = [table_prefix(table) for table in tables]
    yield from fetch_objects(naming, lake.bucket("artifacts"), SCRIPTS_PREFIX)
    for allow in (read_objects, put_objects, delete_objects):
        yield from allow(naming, raw, *prefixes)
    yield from move_partitions(naming, lake.database("raw"), tables)
    yield from decrypt_and_encrypt(naming, lake.key_arn, *lake.services("s3"))
    yield from write_glue_logs(naming, *_PYTHON_SHELL_LOGS)


def _sessionize_events(lake: Lake) -> Iterable[Statement]:
    """Read the streams' tables, write the table of sessions."""
    naming, raw = lake.naming, lake.bucket("raw")
    sessions = table_prefix(EVENT_SESSIONS)
    temporary = (lake.bucket("results"), SPARK_TEMPORARY_PREFIX)
    yield from fetch_objects(naming, lake.bucket("artifacts"), SCRIPTS_PREFIX)
    yield from read_tables(naming, lake.database("raw"))
    yield from read_objects(naming, raw, *map(table_prefix, lake.streams), sessions)
    for allow in (write_objects, delete_objects):
        yield from allow(naming, raw, sessions)
    for allow in (read_objects, write_objects, delete_objects):
        yield from allow(naming, *temporary)
    # Spark asks for a folder's name as an object before it writes there.
    yield from miss_objects(naming, raw)
    yield from miss_objects(naming, lake.bucket("results"))
    yield from move_partitions(naming, lake.database("raw"), [EVENT_SESSIONS])
    yield from read_bookmarks()
    yield from decrypt_and_encrypt(naming, lake.key_arn, *lake.services("s3"))
    yield from put_metrics("Glue")
    yield from write_glue_logs(naming, *_SPARK_LOGS)


def _batch_load(lake: Lake) -> Iterable[Statement]:
    """Invoke the ingest function, run the compaction, ask the ingestion log."""
    naming, results = lake.naming, lake.bucket("results")
    yield from invoke_function(naming, naming.name(INGEST))
    yield from run_jobs(naming, naming.name(COMPACT_RAW))
    yield from query_in_state_machine(naming, naming.name(PIPELINES))
    yield from read_definitions(naming, lake.database("raw"), [INGESTION_LOG])
    yield from read_objects(naming, lake.bucket("raw"), table_prefix(INGESTION_LOG))
    yield from read_objects(naming, results, PIPELINE_RESULTS)
    yield from write_objects(naming, results, PIPELINE_RESULTS)
    yield from locate_bucket(naming, results)
    yield from decrypt_and_encrypt(naming, lake.key_arn, *lake.services("s3"))
    yield from deliver_logs()


def _scheduler(lake: Lake) -> Iterable[Statement]:
    """Start the state machine."""
    yield from start_executions(lake.naming, lake.naming.name(BATCH_LOAD))


def _dbt(lake: Lake) -> Iterable[Statement]:
    """Read raw, own the tables of marts, run queries."""
    naming, marts, results = lake.naming, lake.bucket("marts"), lake.bucket("results")
    yield from run_queries(naming, naming.name(DBT))
    yield from list_databases(naming)
    yield from read_tables(naming, lake.database("raw"))
    yield from read_objects(naming, lake.bucket("raw"))
    yield from read_tables(naming, lake.database("marts"))
    yield from own_tables(naming, lake.database("marts"))
    for allow in (read_objects, write_objects, delete_objects):
        yield from allow(naming, marts)
    yield from read_objects(naming, results, DBT_RESULTS)
    yield from write_objects(naming, results, DBT_RESULTS)
    yield from locate_bucket(naming, results)
    yield from decrypt_and_encrypt(naming, lake.key_arn, *lake.services("s3"))


def _analyst(lake: Lake) -> Iterable[Statement]:
    """Query marts."""
    naming, results = lake.naming, lake.bucket("results")
    yield from run_queries(naming, naming.name(ANALYSTS))
    yield from find_named_queries(naming, naming.name(ANALYSTS))
    yield from read_tables(naming, lake.database("marts"))
    yield from read_objects(naming, lake.bucket("marts"))
    yield from read_objects(naming, results, ANALYST_RESULTS)
    yield from write_objects(naming, results, ANALYST_RESULTS)
    yield from locate_bucket(naming, results)
    yield from decrypt_and_encrypt(naming, lake.key_arn, *lake.services("s3"))


def _airflow(lake: Lake) -> Iterable[Statement]:
    """Start what the lake has and see how it goes; do dbt's work as dbt."""
    naming = lake.naming
    jobs = (naming.name(COMPACT_RAW), naming.name(SESSIONIZE_EVENTS))
    yield from read_objects(naming, lake.bucket("artifacts"), DAGS_PREFIX)
    yield from list_objects(naming, lake.bucket("landing"))
    yield from put_objects(naming, lake.bucket("raw"), table_prefix(PIPELINE_RUNS))
    yield from put_metrics(naming.name(PIPELINES_NAMESPACE))
    yield from run_jobs(naming, *jobs)
    yield from watch_jobs(naming, *jobs)
    yield from run_crawlers(naming, naming.name(CRAWL_LANDING))
    yield from start_executions(naming, naming.name(BATCH_LOAD))
    yield from watch_executions(naming, naming.name(BATCH_LOAD))
    yield from assume_role(naming, naming.name("dbt"))
    yield from decrypt_and_encrypt(naming, lake.key_arn, "s3", "sqs")
    yield from host_airflow(naming, AIRFLOW)


def _trust_glue(naming: Naming) -> str:
    return trust_service(naming, "glue.amazonaws.com")


ROLES: Final[dict[str, RoleDefinition]] = {
    "ingest": RoleDefinition(
        "The function that takes files from landing into raw.",
        lambda naming: trust_function_service(),
        _ingest,
    ),
    "collect-events": RoleDefinition(
        "The function that takes events from the API into the stream.",
        lambda naming: trust_function_service(),
        _collect_events,
        needs_stream=True,
    ),
    "firehose": RoleDefinition(
        "Firehose, which writes events to raw.",
        lambda naming: trust_service(
            naming,
            "firehose.amazonaws.com",
            source=naming.arn("firehose", f"deliverystream/{naming.name(DELIVERY)}"),
        ),
        _firehose,
        needs_stream=True,
    ),
    "crawler": RoleDefinition("The crawler over landing.", _trust_glue, _crawler),
    "compact-raw": RoleDefinition("The job that compacts raw.", _trust_glue, _compact_raw),
    "sessionize-events": RoleDefinition(
        "The Spark job that makes sessions of events.", _trust_glue, _sessionize_events
    ),
    "batch-load": RoleDefinition(
        "The state machine that loads a batch.",
        lambda naming: trust_service(
            naming,
            "states.amazonaws.com",
            source=naming.arn("states", f"stateMachine:{naming.name(batch_load.BATCH_LOAD)}"),
        ),
        _batch_load,
    ),
    "scheduler": RoleDefinition(
        "EventBridge Scheduler, which starts the state machine at night.",
        lambda naming: trust_service(
            naming,
            "scheduler.amazonaws.com",
            source=naming.arn("scheduler", f"schedule-group/{naming.name(SCHEDULES)}"),
        ),
        _scheduler,
    ),
    "dbt": RoleDefinition("dbt, which owns the marts.", trust_account, _dbt),
    "analyst": RoleDefinition("People who query the marts.", trust_account, _analyst),
    "airflow": RoleDefinition(
        "Airflow (MWAA), which runs the pipelines.",
        lambda naming: trust_service(naming, "airflow.amazonaws.com", "airflow-env.amazonaws.com"),
        _airflow,
    ),
}
"""The roles, by the end of their names."""


def definitions(*, with_stream: bool) -> dict[str, RoleDefinition]:
    """The roles that a lake has, with an event stream or without."""
    return {name: role for name, role in ROLES.items() if with_stream or not role.needs_stream}
