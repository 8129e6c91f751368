"""What Glue keeps by name: classifiers, rulesets, and changes to jobs and connections.

moto has none of these operations, and forgets some settings of a job.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import moto.glue.models
from moto.core.responses import ActionResult, EmptyResult
from moto.glue.exceptions import AlreadyExistsException
from moto.glue.models import FakeJob
from moto.glue.responses import GlueResponse

from millpond.glue.exceptions import EntityNotFound, InvalidInput, ValidationFailed
from millpond.moto_models import stand_in

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_CLASSIFIERS: Final = ("CsvClassifier", "GrokClassifier", "JsonClassifier", "XMLClassifier")
_UNMODELLED: Final = ("JobMode", "JobRunQueuingEnabled", "MaintenanceWindow")
# Minutes, and data processing units.
_TIMEOUT: Final = 2880
_TIMEOUT_SINCE_GLUE_5: Final = 480
_SPARK_CAPACITY: Final = 10.0
_SHELL_CAPACITY: Final = 0.0625
_LATEST_GLUE: Final = "6.0"
_SINCE_GLUE_5: Final = frozenset({"5.0", "5.1", "6.0"})
_JOB: Final[Mapping[str, str]] = {
    "AllocatedCapacity": "allocated_capacity",
    "CodeGenConfigurationNodes": "code_gen_configuration_nodes",
    "Command": "command",
    "Connections": "connections",
    "DefaultArguments": "default_arguments",
    "Description": "description",
    "ExecutionClass": "execution_class",
    "ExecutionProperty": "execution_property",
    "GlueVersion": "glue_version",
    "LogUri": "log_uri",
    "MaxCapacity": "max_capacity",
    "MaxRetries": "max_retries",
    "NonOverridableArguments": "non_overridable_arguments",
    "NotificationProperty": "notification_property",
    "NumberOfWorkers": "number_of_workers",
    "Role": "role",
    "SecurityConfiguration": "security_configuration",
    "SourceControlDetails": "source_control_details",
    "Timeout": "timeout",
    "WorkerType": "worker_type",
}


class DefinedJob(FakeJob):
    """moto's job with the settings that moto forgets, and with those that Glue fills in."""

    unmodelled: Mapping[str, Any] = {}

    def as_dict(self) -> dict[str, Any]:
        """The job as GetJob answers it."""
        kept = {**super().as_dict(), **self.unmodelled}
        given = {name: value for name, value in kept.items() if value not in (None, {}, "")}
        return {**kept, **_job_defaults(given), **given}


def _job_defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """What Glue fills in for what a job does not say.

    https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
    """
    spark = given.get("Command", {}).get("Name") in ("glueetl", "gluestreaming")
    version = given.get("GlueVersion") or (_LATEST_GLUE if spark else None)
    filled = {
        "ExecutionProperty": {"MaxConcurrentRuns": 1},
        "MaxRetries": 0,
        "Timeout": _TIMEOUT_SINCE_GLUE_5 if spark and version in _SINCE_GLUE_5 else _TIMEOUT,
    }
    if version:
        filled["GlueVersion"] = version
    if not given.keys() & {"MaxCapacity", "WorkerType", "NumberOfWorkers"}:
        filled["MaxCapacity"] = _SPARK_CAPACITY if spark else _SHELL_CAPACITY
    return filled


class DefinitionsApi(GlueResponse):
    """The operations."""

    @property
    def glue_backend(self) -> GlueService:
        """The service of the caller's account and region."""
        raise NotImplementedError

    # ---- classifiers

    def create_classifier(self) -> EmptyResult:
        """Keep a classifier."""
        kind, given = self._classifier()
        kept = self.glue_backend.classifiers
        if given["Name"] in kept:
            raise AlreadyExistsException(kind)
        now = _now()
        kept[given["Name"]] = {kind: {**given, "CreationTime": now, "LastUpdated": now, "Version": 1}}
        return EmptyResult()

    def get_classifier(self) -> ActionResult:
        """One classifier."""
        return ActionResult({"Classifier": self._found_classifier(self.parameters["Name"])})

    def get_classifiers(self) -> ActionResult:
        """All classifiers."""
        return ActionResult({"Classifiers": list(self.glue_backend.classifiers.values())})

    def update_classifier(self) -> EmptyResult:
        """Change what is given of a classifier."""
        kind, given = self._classifier()
        found = self._found_classifier(given["Name"])
        if kind not in found:
            raise InvalidInput(f"Classifier {given['Name']} is no {kind}")
        old = found[kind]
        found[kind] = {**old, **given, "LastUpdated": _now(), "Version": old["Version"] + 1}
        return EmptyResult()

    def delete_classifier(self) -> EmptyResult:
        """Forget a classifier."""
        name = self.parameters["Name"]
        self._found_classifier(name)
        del self.glue_backend.classifiers[name]
        return EmptyResult()

    def _classifier(self) -> tuple[str, dict[str, Any]]:
        named = [kind for kind in _CLASSIFIERS if self.parameters.get(kind)]
        if len(named) != 1:
            raise InvalidInput("Exactly one classifier has to be given")
        return named[0], dict(self.parameters[named[0]])

    def _found_classifier(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = self.glue_backend.classifiers.get(name)
        if found is None:
            raise EntityNotFound(f"Classifier with name {name} not found")
        return found

    # ---- data quality

    def create_data_quality_ruleset(self) -> ActionResult:
        """Keep a ruleset."""
        name, rulesets = self.parameters["Name"], self.glue_backend.rulesets
        if name in rulesets:
            raise AlreadyExistsException("DataQualityRuleset")
        now = _now()
        names = ("Name", "Description", "Ruleset", "TargetTable", "DataQualitySecurityConfiguration")
        given = {key: self.parameters[key] for key in names if key in self.parameters}
        rulesets[name] = {**given, "CreatedOn": now, "LastModifiedOn": now}
        if tags := self.parameters.get("Tags"):
            backend = self.glue_backend
            arn = f"arn:aws:glue:{backend.region_name}:{backend.account_id}:dataQualityRuleset/{name}"
            backend.tag_resource(arn, tags)
        return ActionResult({"Name": name})

    def get_data_quality_ruleset(self) -> ActionResult:
        """One ruleset."""
        return ActionResult(self._found_ruleset(self.parameters["Name"]))

    def list_data_quality_rulesets(self) -> ActionResult:
        """All rulesets, without their rules."""
        rulesets = self.glue_backend.rulesets.values()
        listed = [{key: value for key, value in item.items() if key != "Ruleset"} for item in rulesets]
        return ActionResult({"Rulesets": listed})

    def update_data_quality_ruleset(self) -> ActionResult:
        """Change the rules or the description of a ruleset."""
        found = self._found_ruleset(self.parameters["Name"])
        given = {key: self.parameters[key] for key in ("Description", "Ruleset") if key in self.parameters}
        found.update(given, LastModifiedOn=_now())
        return ActionResult({"Name": found["Name"], **given})

    def delete_data_quality_ruleset(self) -> EmptyResult:
        """Forget a ruleset."""
        name = self.parameters["Name"]
        self._found_ruleset(name)
        del self.glue_backend.rulesets[name]
        return EmptyResult()

    def _found_ruleset(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] | None = self.glue_backend.rulesets.get(name)
        if found is None:
            raise EntityNotFound(f"Data quality ruleset {name} not found")
        return found

    # ---- what moto has, but cannot change

    def create_job(self) -> ActionResult:
        """Keep a job, with all its settings."""
        answer = super().create_job()
        _keep_unmodelled(self.glue_backend.get_job(self.parameters["Name"]), self.parameters)
        return answer

    def update_job(self) -> ActionResult:
        """Put another definition in the place of a job's; its runs stay."""
        update = self.parameters["JobUpdate"]
        job = self.glue_backend.get_job(self.parameters["JobName"])
        if update.get("AllocatedCapacity") and update.get("MaxCapacity"):
            raise InvalidInput("Please set only Allocated Capacity or Max Capacity")
        for name, attribute in _JOB.items():
            setattr(job, attribute, update.get(name, _EMPTY_JOB.get(name)))
        _keep_unmodelled(job, update)
        job.last_modified_on = _now()
        return ActionResult({"JobName": job.name})

    def update_connection(self) -> EmptyResult:
        """Put another definition in the place of a connection's."""
        found, given = self._found_connection(self.parameters["Name"]), self.parameters["ConnectionInput"]
        if given.get("Name") != self.parameters["Name"]:
            raise ValidationFailed("A connection cannot be renamed")
        found.connection_input = given
        found.description = given.get("Description")
        found.connection_properties = given.get("ConnectionProperties", {})
        found.spark_properties = given.get("SparkProperties", {})
        found.athena_properties = given.get("AthenaProperties", {})
        found.python_properties = given.get("PythonProperties", {})
        found.updated_time = _now()
        return EmptyResult()

    def delete_connection(self) -> EmptyResult:
        """Forget a connection."""
        name = self.parameters["ConnectionName"]
        self._found_connection(name)
        del self.glue_backend.connections[name]
        return EmptyResult()

    def _found_connection(self, name: str) -> Any:
        found = self.glue_backend.connections.get(name)
        if found is None:
            raise EntityNotFound(f"Connection {name} not found.")
        return found


_EMPTY_JOB: Final[Mapping[str, Any]] = {
    "DefaultArguments": {},
    "ExecutionClass": "STANDARD",
    "ExecutionProperty": {},
}


def install() -> None:
    """Put our job in the place of moto's; before the first request."""
    stand_in(moto.glue.models, "FakeJob", DefinedJob)


def _keep_unmodelled(job: FakeJob, given: Mapping[str, Any]) -> None:
    assert isinstance(job, DefinedJob)  # noqa: S101 - install() put the class there
    job.unmodelled = {name: given[name] for name in _UNMODELLED if name in given}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
