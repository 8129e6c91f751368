"""The wire format of Amazon MWAA, in and out.

https://docs.aws.amazon.com/mwaa/latest/API/Welcome.html
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.core.responses import BaseResponse

from millpond.mwaa.exceptions import NoAirflowBehind
from millpond.mwaa.service import AirflowService, mwaa_backends


class AirflowApi(BaseResponse):
    """The operations."""

    def __init__(self) -> None:
        super().__init__(service_name="mwaa")

    @property
    def backend(self) -> AirflowService:
        """The service of the caller's account and region."""
        return mwaa_backends[self.current_account][self.region]

    def create_environment(self) -> str:
        """CreateEnvironment."""
        given = self._given()
        tags = given.pop("Tags", {})
        return json.dumps({"Arn": self.backend.create_environment(self._named(), given, tags).arn})

    def update_environment(self) -> str:
        """UpdateEnvironment."""
        return json.dumps({"Arn": self.backend.update_environment(self._named(), self._given()).arn})

    def get_environment(self) -> str:
        """GetEnvironment."""
        return json.dumps({"Environment": self.backend.environment(self._named()).to_dict()})

    def delete_environment(self) -> str:
        """DeleteEnvironment."""
        self.backend.delete_environment(self._named())
        return "{}"

    def list_environments(self) -> str:
        """ListEnvironments."""
        limit = self._get_param("MaxResults")
        names, token = self.backend.list_environments(
            self._get_param("NextToken") or "", int(limit) if limit else None
        )
        return json.dumps({"Environments": names, **({"NextToken": token} if token else {})})

    # ---- tags

    def list_tags_for_resource(self) -> str:
        """ListTagsForResource."""
        return json.dumps({"Tags": dict(self.backend.tags(self._tagged()))})

    def tag_resource(self) -> str:
        """TagResource."""
        self.backend.tag(self._tagged(), self._given()["Tags"])
        return "{}"

    def untag_resource(self) -> str:
        """UntagResource."""
        self.backend.tag(self._tagged(), {}, self.querystring.get("tagKeys", []))
        return "{}"

    # ---- what a running Airflow would answer

    def create_cli_token(self) -> str:
        """CreateCliToken."""
        raise NoAirflowBehind("CreateCliToken", self.backend.environment(self._named()).name)

    def create_web_login_token(self) -> str:
        """CreateWebLoginToken."""
        raise NoAirflowBehind("CreateWebLoginToken", self.backend.environment(self._named()).name)

    def invoke_rest_api(self) -> str:
        """InvokeRestApi."""
        raise NoAirflowBehind("InvokeRestApi", self.backend.environment(self._named()).name)

    def _named(self) -> str:
        return unquote(self.path.rpartition("/")[2])

    def _tagged(self) -> str:
        return unquote(self.path.removeprefix("/tags/"))

    def _given(self) -> dict[str, Any]:
        given: dict[str, Any] = json.loads(self.body or "{}")
        return given
