"""Where the AWS endpoint is and who asks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from botocore.config import Config

from millpond import DEFAULT_REGION
from millpond.server.settings import DEFAULT_HOST, DEFAULT_PORT

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
_SERVICE_VARIABLE = "AWS_ENDPOINT_URL_"


@dataclass(frozen=True)
class Endpoint:
    """An AWS endpoint and the credentials to use there.

    Attributes:
        url: Where the services answer.
        service_urls: Where single ones answer, by their names in boto3, if it is elsewhere.
    """

    url: str
    region: str = DEFAULT_REGION
    access_key: str = "test"
    secret_key: str = "test"  # noqa: S105 - the local cloud's well-known administrator
    session_token: str | None = None
    service_urls: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> Endpoint:
        """What `AWS_ENDPOINT_URL` and the other AWS variables say; the local cloud without them.

        Without `AWS_ENDPOINT_URL` nothing else is read, so that no command of the local cloud can
        reach an AWS account by mistake.
        """
        url = os.environ.get("AWS_ENDPOINT_URL")
        if not url:
            return cls(f"http://{DEFAULT_HOST}:{DEFAULT_PORT}")
        return cls(
            url,
            os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION,
            os.environ.get("AWS_ACCESS_KEY_ID", "test"),
            os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
            os.environ.get("AWS_SESSION_TOKEN"),
            {
                name.removeprefix(_SERVICE_VARIABLE).lower(): service_url
                for name, service_url in os.environ.items()
                if name.startswith(_SERVICE_VARIABLE) and service_url
            },
        )

    def client(self, service: str) -> Any:
        """A boto3 client of a service."""
        session: Any = boto3.Session(self.access_key, self.secret_key, self.session_token, self.region)
        config = Config(
            max_pool_connections=16,
            retries={"max_attempts": 2},
            s3={"addressing_style": "path"},
            # MWAA's operations have names of their own before the host's, which an address has not.
            inject_host_prefix=False,
        )
        return session.client(service, endpoint_url=self.service_urls.get(service, self.url), config=config)

    def assume(self, role_arn: str, session_name: str) -> Endpoint:
        """The same endpoint with the rights of a role."""
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session_name)
        credentials = answer["Credentials"]
        return replace(
            self,
            access_key=credentials["AccessKeyId"],
            secret_key=credentials["SecretAccessKey"],
            session_token=credentials["SessionToken"],
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make every AWS SDK in a child process use this endpoint."""
        variables = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **{f"{_SERVICE_VARIABLE}{name.upper()}": url for name, url in self.service_urls.items()},
        }
        return variables | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})
