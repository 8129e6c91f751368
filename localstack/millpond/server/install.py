"""Puts Millpond's services in the place of moto's: the one place where the two meet.

moto keeps one backend object per service, account and region, made on first use by the class
in the service's `BackendDict`. Installing is naming our class there, with what it depends on.
"""

from __future__ import annotations

from dataclasses import dataclass

import moto.s3.models
from moto.core.common_models import BaseModel

from millpond import (
    apigateway,
    apigatewayv2,
    athena,
    budgets,
    events,
    firehose,
    functions,
    glue,
    iam,
    kinesis,
    kms,
    lakeformation,
    logs,
    moto_reset,
    mwaa,
    scheduler,
    sns,
    sqs,
    stepfunctions,
    sts,
)
from millpond.apigateway import ApiServer
from millpond.athena import AthenaInstallation
from millpond.events import EventsRuntime
from millpond.firehose import FirehoseRuntime
from millpond.functions import FunctionRuntime, FunctionSettings
from millpond.glue import GlueRuntime, GlueSettings
from millpond.iam import enforcement
from millpond.iam.enforcement import AccessRecord, Authorizer
from millpond.moto_models import stand_in
from millpond.s3 import ObjectStorage
from millpond.s3 import service as s3_service
from millpond.s3.local import LocalObjectStorage
from millpond.s3.objects import ObjectFiles, StoredObject
from millpond.s3.remote import RemoteObjectStorage
from millpond.server.settings import ServerSettings
from millpond.server.url_rules import compile_one_at_a_time
from millpond.stepfunctions import StepFunctionsRuntime


@dataclass(frozen=True)
class Services:
    """The services that really execute, and what they share."""

    storage: ObjectStorage
    athena: AthenaInstallation
    functions: FunctionRuntime
    glue: GlueRuntime
    events: EventsRuntime
    delivery_streams: FirehoseRuntime
    state_machines: StepFunctionsRuntime
    apis: ApiServer
    authorizer: Authorizer

    def status(self) -> dict[str, str]:
        """A word per service: `available`, or `running` once it has been used."""
        return {
            "apigateway": "available",
            "athena": "available",
            "events": "available",
            "firehose": "available",
            "glue": "available",
            "kinesis": "available",
            "lakeformation": "available",
            "lambda": "available",
            "s3": "available",
            "scheduler": "available",
            "sns": "available",
            "sqs": "available",
            "stepfunctions": "available",
        }

    def shutdown(self) -> None:
        """End every child process, thread and query."""
        self.delivery_streams.shutdown()
        self.events.shutdown()
        self.state_machines.shutdown()
        self.apis.shutdown()
        self.glue.shutdown()
        self.athena.shutdown()
        self.functions.shutdown()


def install(settings: ServerSettings) -> Services:
    """Make this process's moto a local cloud; once per process, before the first request."""
    _forget_instances()
    compile_one_at_a_time()
    authorizer = Authorizer(AccessRecord(), enforced=settings.enforce_iam)
    enforcement.install(authorizer)
    files = ObjectFiles(settings.data_dir / "s3")
    StoredObject.files = files
    stand_in(moto.s3.models, "FakeKey", StoredObject)
    s3_service.install()
    lakeformation.install()
    kinesis.install()
    kms.install()
    iam.install()
    sts.install()
    event_delivery = EventsRuntime(settings.endpoint_url, settings.other_endpoints)
    events.install(event_delivery)
    delivery_streams = FirehoseRuntime(event_delivery.clients, event_delivery.clock)
    firehose.install(delivery_streams)
    scheduler.install(event_delivery)
    state_machines = StepFunctionsRuntime(event_delivery.clients)
    stepfunctions.install(state_machines)
    apis = ApiServer(event_delivery.clients)
    apigateway.install()
    apigatewayv2.install(settings.endpoint_url)
    budgets.install()
    logs.install()
    sqs.install()
    sns.install()
    storage = _storage(settings, files)
    runtime = functions.install(
        FunctionSettings(settings.data_dir / "functions", settings.endpoint_url, settings.other_endpoints),
        storage,
    )
    mwaa.install(storage, alone=not settings.other_endpoints)
    runs = glue.install(
        GlueSettings(settings.data_dir / "glue", settings.endpoint_url, settings.other_endpoints), storage
    )
    queries = athena.install(storage, settings.data_dir / "athena")

    def end_what_runs() -> None:
        queries.end_queries()
        glue.end_crawls()

    moto_reset.install(end_what_runs)
    return Services(
        storage=storage,
        athena=queries,
        functions=runtime,
        glue=runs,
        events=event_delivery,
        delivery_streams=delivery_streams,
        state_machines=state_machines,
        apis=apis,
        authorizer=authorizer,
    )


def _storage(settings: ServerSettings, files: ObjectFiles) -> ObjectStorage:
    if settings.s3_endpoint_url:
        copies = ObjectFiles(settings.data_dir / "s3-copies")
        return RemoteObjectStorage(settings.s3_endpoint_url, settings.region, copies)
    return LocalObjectStorage(files, settings.account_id)


def _forget_instances() -> None:
    """moto keeps every model that was ever made for its dashboard: a leak in a long-lived server."""

    def new(cls: type[BaseModel], *arguments: object, **options: object) -> BaseModel:
        return object.__new__(cls)

    BaseModel.__new__ = new  # type: ignore[method-assign]  # its own keeps them
