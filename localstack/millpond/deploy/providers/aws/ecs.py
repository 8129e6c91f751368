"""ECS: clusters alone, which hold what they are given; the local cloud runs no containers."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import Inputs, Naming, Outputs
from millpond.deploy.providers.aws.tagging import Tagging


class Cluster(CrudResource):
    """A cluster; its id is its ARN."""

    type = "aws:ecs/cluster:Cluster"
    service = "ecs"
    operations = Operations("CreateCluster", "DescribeClusters", "DeleteCluster", "UpdateCluster")
    properties = frozenset({"configuration", "name", "serviceConnectDefaults", "settings"})
    replaces = frozenset({"name"})
    naming = Naming("name", longest=255)
    tagged = True
    tagging = Tagging(resource="resourceArn", by="id")
    key: ClassVar = {"cluster": "name"}
    renames: ClassVar = {"clusterName": "name"}
    id_path = "cluster.clusterArn"

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        return api.client("ecs").describe_clusters(clusters=[id_], include=["SETTINGS"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        """Deleted clusters are told of for a while."""
        active = [found for found in self.answer(api, id_, inputs)["clusters"] if found["status"] == "ACTIVE"]
        if not active:
            return None
        settings = {} if "settings" in inputs else {"settings": active[0].get("settings", [])}
        return {"arn": active[0]["clusterArn"], **settings}

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        found = self.read(api, inputs["name"], inputs)
        return str(found["arn"]) if found else None


RESOURCES: Final = (Cluster,)
