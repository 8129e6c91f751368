"""Amazon MWAA: Airflow environments."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations, Settling
from millpond.deploy.providers.aws.declaration import Inputs, Naming
from millpond.deploy.providers.aws.mapping import parameters

_REMOVABLE: Final = frozenset(
    {
        "pluginsS3ObjectVersion",
        "pluginsS3Path",
        "requirementsS3ObjectVersion",
        "requirementsS3Path",
        "startupScriptS3ObjectVersion",
        "startupScriptS3Path",
    }
)
"""Properties that an update takes away by setting them to an empty text."""

_NO_AIRFLOW: Final = "no Airflow runs behind an environment of the local cloud"


class Environment(CrudResource):
    """An Airflow environment; of its network only the security groups can be changed."""

    type = "aws:mwaa/environment:Environment"
    service = "mwaa"
    operations = Operations("CreateEnvironment", "GetEnvironment", "DeleteEnvironment", "UpdateEnvironment")
    properties = _REMOVABLE | {
        "airflowConfigurationOptions",
        "airflowVersion",
        "dagS3Path",
        "endpointManagement",
        "environmentClass",
        "executionRoleArn",
        "kmsKey",
        "loggingConfiguration",
        "maxWebservers",
        "maxWorkers",
        "minWebservers",
        "minWorkers",
        "name",
        "networkConfiguration",
        "schedulers",
        "sourceBucketArn",
        "webserverAccessMode",
        "weeklyMaintenanceWindowStart",
        "workerReplacementStrategy",
    }
    replaces = frozenset({"endpointManagement", "kmsKey", "name", "networkConfiguration.subnetIds"})
    naming = Naming("name", longest=80)
    tagged = True
    key: ClassVar = {"Name": "name"}
    outputs: ClassVar = {
        "airflowVersion": "Environment.AirflowVersion",
        "arn": "Environment.Arn",
        "createdAt": "Environment.CreatedAt",
        "environmentClass": "Environment.EnvironmentClass",
        "endpointManagement": "Environment.EndpointManagement",
        "lastUpdateds": "[Environment.LastUpdate]",
        "loggingConfiguration": "Environment.LoggingConfiguration",
        "maxWebservers": "Environment.MaxWebservers",
        "maxWorkers": "Environment.MaxWorkers",
        "minWebservers": "Environment.MinWebservers",
        "minWorkers": "Environment.MinWorkers",
        "pluginsS3ObjectVersion": "Environment.PluginsS3ObjectVersion || ''",
        "requirementsS3ObjectVersion": "Environment.RequirementsS3ObjectVersion || ''",
        "schedulers": "Environment.Schedulers",
        "serviceRoleArn": "Environment.ServiceRoleArn",
        "startupScriptS3ObjectVersion": "Environment.StartupScriptS3ObjectVersion || ''",
        "status": "Environment.Status",
        "webserverAccessMode": "Environment.WebserverAccessMode",
        "webserverUrl": "Environment.WebserverUrl",
        "webserverVpcEndpointService": "Environment.WebserverVpcEndpointService",
        "databaseVpcEndpointService": "Environment.DatabaseVpcEndpointService",
        "weeklyMaintenanceWindowStart": "Environment.WeeklyMaintenanceWindowStart",
    }
    # How workers go is said in an update, and kept nowhere.
    unset: ClassVar = {"workerReplacementStrategy": ""}
    unfilled: ClassVar = {
        "databaseVpcEndpointService": _NO_AIRFLOW,
        "serviceRoleArn": _NO_AIRFLOW,
        "webserverUrl": _NO_AIRFLOW,
        "webserverVpcEndpointService": _NO_AIRFLOW,
    }
    volatile = frozenset({"airflowVersion", "environmentClass", "lastUpdateds", "status"})
    settling = Settling(
        "Environment.Status",
        frozenset({"AVAILABLE"}),
        frozenset({"DELETED"}),
        frozenset({"CREATE_FAILED", "UPDATE_FAILED", "UNAVAILABLE"}),
    )

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        given = super().request(api, inputs)
        given.pop("workerReplacementStrategy", None)
        return given

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        given = {name: value for name, value in self.request(api, new).items() if name not in self.replaces}
        network = new["networkConfiguration"]
        given["networkConfiguration"] = {"securityGroupIds": network["securityGroupIds"]}
        given |= dict.fromkeys(_REMOVABLE & old.keys() - new.keys(), "")
        if "workerReplacementStrategy" in new:
            given["workerReplacementStrategy"] = new["workerReplacementStrategy"]
        client = api.client(self.service)
        client.update_environment(**parameters(client, self.operations.update, given), Name=id_)


RESOURCES: Final = (Environment,)
