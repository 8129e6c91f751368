"""An environment: what defines it, what AWS fills in, and which sizes go together.

https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html
https://docs.aws.amazon.com/mwaa/latest/userguide/environment-class.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from millpond.mwaa.exceptions import InvalidRequest, Unsupported

Definition = Mapping[str, Any]
"""An environment's properties by the names that the API has for them."""

AIRFLOW_VERSIONS: Final = ("2.7.2", "2.8.1", "2.9.2", "2.10.1", "2.10.3", "2.11.0", "3.0.6", "3.2.1")
"""The versions that new environments may have, the latest last."""

LOG_TYPES: Final = ("DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs")

_UNSUPPORTED: Final = ("IdentityCenterConfiguration", "Teams")


@dataclass(frozen=True)
class Sizing:
    """How many of its parts an environment of a class may have: the fewest and the most."""

    workers: tuple[int, int] = (1, 25)
    schedulers: tuple[int, int] = (2, 5)
    webservers: tuple[int, int] = (2, 5)
    workers_by_default: int = 10


CLASSES: Final[Mapping[str, Sizing]] = {
    "mw1.micro": Sizing(workers=(1, 1), schedulers=(1, 1), webservers=(1, 1), workers_by_default=1),
    "mw1.small": Sizing(),
    "mw1.medium": Sizing(),
    "mw1.large": Sizing(),
    "mw1.xlarge": Sizing(),
    "mw1.2xlarge": Sizing(),
}
"""The classes; the most workers are those of the quota that an account begins with."""


@dataclass(frozen=True)
class Environment:
    """An environment as it is kept.

    Attributes:
        name: Unique in its account and region.
        arn: The same, everywhere.
        definition: Complete: what was given, and what AWS fills in.
        created_at: Seconds since 1970.
        updated_at: Of the last change.
        tags: Keys and values.
    """

    name: str
    arn: str
    definition: Definition
    created_at: float
    updated_at: float
    tags: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As GetEnvironment answers it.

        The addresses of what AWS would run (web server, queue, database, log groups) are left out: there
        is nothing at them.
        """
        return {
            **self.definition,
            "Name": self.name,
            "Arn": self.arn,
            "Status": "AVAILABLE",
            "CreatedAt": self.created_at,
            "LastUpdate": {"Status": "SUCCESS", "CreatedAt": self.updated_at},
            "Tags": dict(self.tags),
        }


def completed(given: Definition) -> Definition:
    """A definition with what AWS fills in for what was not given.

    Raises:
        InvalidRequest: There is no such class.
    """
    class_ = given.get("EnvironmentClass", "mw1.small")
    sizing = _sizing(class_)
    logs = {kind: {"Enabled": kind == "TaskLogs", "LogLevel": "INFO"} for kind in LOG_TYPES}
    filled = {
        "AirflowVersion": AIRFLOW_VERSIONS[-1],
        "EnvironmentClass": class_,
        "MinWorkers": sizing.workers[0],
        "MaxWorkers": sizing.workers_by_default,
        "Schedulers": sizing.schedulers[0],
        "MinWebservers": sizing.webservers[0],
        "MaxWebservers": sizing.webservers[0],
        "WebserverAccessMode": "PRIVATE_ONLY",
        "EndpointManagement": "SERVICE",
        "WeeklyMaintenanceWindowStart": "SUN:00:00",
        **given,
        "LoggingConfiguration": {**logs, **given.get("LoggingConfiguration", {})},
    }
    return _without_empty(filled)


def changed(was: Definition, given: Definition) -> Definition:
    """A definition after UpdateEnvironment: what is given is set, or taken away by an empty text."""
    network = {**was["NetworkConfiguration"], **given.get("NetworkConfiguration", {})}
    logs = {**was["LoggingConfiguration"], **given.get("LoggingConfiguration", {})}
    kept = {name: value for name, value in given.items() if name != "WorkerReplacementStrategy"}
    return _without_empty({**was, **kept, "NetworkConfiguration": network, "LoggingConfiguration": logs})


def check(definition: Definition) -> None:
    """Check what a complete definition says by itself.

    Raises:
        InvalidRequest: A version or class that there is not, or numbers that do not go together.
        Unsupported: A part that the local cloud does not have.
    """
    for name in _UNSUPPORTED:
        if name in definition:
            raise Unsupported(name)
    version = definition["AirflowVersion"]
    if version not in AIRFLOW_VERSIONS:
        raise InvalidRequest(
            f"Airflow version {version} is not supported. Valid values: {', '.join(AIRFLOW_VERSIONS)}"
        )
    if definition["WebserverAccessMode"] == "PUBLIC_AND_PRIVATE":
        raise InvalidRequest("WebserverAccessMode PUBLIC_AND_PRIVATE needs Airflow version 3.2 or later")
    sizing, class_ = _sizing(definition["EnvironmentClass"]), definition["EnvironmentClass"]
    for names, (fewest, most) in (
        (("MinWorkers", "MaxWorkers"), sizing.workers),
        (("Schedulers",), sizing.schedulers),
        (("MinWebservers", "MaxWebservers"), sizing.webservers),
    ):
        for name in names:
            if not fewest <= definition[name] <= most:
                bounds = f"{fewest}" if fewest == most else f"between {fewest} and {most}"
                raise InvalidRequest(f"{name} must be {bounds} for environment class {class_}")
        if definition[names[0]] > definition[names[-1]]:
            raise InvalidRequest(f"{names[0]} must not be greater than {names[-1]}")


def _sizing(class_: str) -> Sizing:
    if class_ not in CLASSES:
        raise InvalidRequest(f"Environment class {class_} is not valid. Valid values: {', '.join(CLASSES)}")
    return CLASSES[class_]


def _without_empty(definition: Definition) -> Definition:
    return {name: value for name, value in definition.items() if value not in ("", None)}
