"""Where the AWS APIs are and who calls them, as Pulumi's AWS provider is configured."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from millpond.deploy.exceptions import CloudError, ProjectError
from millpond.deploy.project import StackSettings
from millpond.deploy.values import UNKNOWN, Properties

_LOCAL_STACK: Final = "local"
_LOCAL_ENDPOINT: Final = "http://127.0.0.1:4566"
_DEFAULT_REGION: Final = "us-east-1"
_LOCAL_KEY: Final = "test"
_SESSION_NAME: Final = "millpond"
_SNAKE: Final = re.compile(r"_([a-z])")

# What an entry of `assumeRoles` may have, and the parameter of AssumeRole that it becomes.
_ASSUME_ROLE: Final[Mapping[str, str]] = {
    "roleArn": "RoleArn",
    "sessionName": "RoleSessionName",
    "externalId": "ExternalId",
    "policy": "Policy",
    "sourceIdentity": "SourceIdentity",
    "transitiveTagKeys": "TransitiveTagKeys",
}
_CONNECT_SECONDS: Final = 5.0

# The names that `aws:endpoints` has for a service where boto3 has another.
_ENDPOINT_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "logs": ("logs", "cloudwatchlogs", "cloudwatchlog"),
    "events": ("events", "cloudwatchevents", "eventbridge"),
    "stepfunctions": ("sfn", "stepfunctions"),
    "elbv2": ("elbv2", "elb"),
    "budgets": ("budgets",),
}


@dataclass(frozen=True)
class AssumedRole:
    """A role that the provider takes on before it calls anything, with AssumeRole's parameters."""

    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> AssumedRole:
        """From one entry of `assumeRoles`, in which programs may write `role_arn` too."""
        value = {_SNAKE.sub(lambda found: found[1].upper(), name): item for name, item in value.items()}
        if unsupported := sorted(value.keys() - _ASSUME_ROLE.keys()):
            raise ProjectError(
                f"assumeRoles: {', '.join(unsupported)} is not supported by the embedded engine"
            )
        given = {_ASSUME_ROLE[name]: item for name, item in value.items() if item is not None}
        return cls({"RoleSessionName": _SESSION_NAME, **given})


@dataclass(frozen=True)
class AwsSettings:
    """The configuration of one AWS provider."""

    region: str
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    assumed_roles: tuple[AssumedRole, ...] = ()
    """Each is assumed with the rights of the one before it."""

    @classmethod
    def of(
        cls,
        settings: StackSettings,
        endpoint_url: str | None = None,
        service_urls: Mapping[str, str] | None = None,
    ) -> AwsSettings:
        """The stack's own provider: `endpoint_url`, else the stack's endpoints, else the environment's.

        `service_urls` are the endpoints of the services that `endpoint_url` is not for.
        """
        of_stack = _endpoints(settings.structured("aws:endpoints"))
        endpoints = of_stack if endpoint_url is None else dict(service_urls or {})
        if endpoint_url is None and not endpoints:
            endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
            if endpoint_url is None and settings.stack == _LOCAL_STACK:
                endpoint_url = _LOCAL_ENDPOINT
        if endpoint_url is None and not endpoints:
            raise ProjectError(
                f"stack '{settings.stack}' names no endpoint: looked at aws:endpoints in "
                f"Pulumi.{settings.stack}.yaml and at AWS_ENDPOINT_URL. The embedded engine deploys to a "
                f"local cloud only; for AWS use `pulumi up -s {settings.stack}`"
            )
        config = settings.config
        region = (
            config.get("aws:region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        )
        access_key, secret_key, token = _keys(config)
        return cls(
            region=region or _DEFAULT_REGION,
            access_key=access_key,
            secret_key=secret_key,
            token=token,
            profile=config.get("aws:profile"),
            endpoint_url=endpoint_url,
            endpoints=endpoints,
            default_tags=_tags(settings.structured("aws:defaultTags")),
            assumed_roles=_roles(settings.structured("aws:assumeRoles")),
        )

    def overridden(self, inputs: Properties) -> AwsSettings:
        """The provider that a program declares: what it sets, over these.

        What a preview cannot know yet is taken as not set.
        """
        inputs = {name: value for name, value in inputs.items() if value is not UNKNOWN}
        endpoints = _endpoints(_structured(inputs.get("endpoints")))
        own_keys = "accessKey" in inputs
        return replace(
            self,
            region=inputs.get("region", self.region),
            access_key=inputs.get("accessKey", self.access_key),
            secret_key=inputs.get("secretKey", self.secret_key),
            token=inputs.get("token", None if own_keys else self.token),
            profile=inputs.get("profile", self.profile),
            endpoints={**self.endpoints, **endpoints},
            default_tags=_tags(_structured(inputs.get("defaultTags"))),
            assumed_roles=_roles(_structured(inputs.get("assumeRoles"))) or self.assumed_roles,
        )

    def require_reachable(self) -> None:
        """Fail once and clearly when nothing answers, and not for each resource."""
        for url in sorted({*self.endpoints.values(), *([self.endpoint_url] if self.endpoint_url else [])}):
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            try:
                socket.create_connection((parts.hostname or "", port), timeout=_CONNECT_SECONDS).close()
            except OSError as error:
                raise CloudError(
                    f"nothing answers at {url} ({error.strerror or error}); is the local cloud running "
                    "(`millpond start`)?"
                ) from error

    def endpoint_of(self, service: str) -> str:
        """The endpoint of a boto3 service."""
        names = _ENDPOINT_NAMES.get(service, (service,))
        found = next((self.endpoints[name] for name in names if name in self.endpoints), self.endpoint_url)
        if found is None:
            # Without one, boto3 would call AWS itself.
            raise CloudError(f"aws:endpoints has no endpoint for the service '{service}'")
        return found


def _keys(config: Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    """Access key, secret key and token: the stack's, else the environment's, else the local administrator's.

    A profile of the user's own is read only when the stack names one.
    """
    if "aws:accessKey" in config:
        return config["aws:accessKey"], config.get("aws:secretKey"), config.get("aws:token")
    if "aws:profile" in config:
        return None, None, None
    if key := os.environ.get("AWS_ACCESS_KEY_ID"):
        return key, os.environ.get("AWS_SECRET_ACCESS_KEY"), os.environ.get("AWS_SESSION_TOKEN")
    return _LOCAL_KEY, _LOCAL_KEY, None


def _structured(value: Any) -> Any:
    """Provider inputs arrive as JSON texts."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


def _endpoints(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in value or ():
        found.update({name: url for name, url in entry.items() if url})
    return found


def _roles(value: Any) -> tuple[AssumedRole, ...]:
    return tuple(AssumedRole.of(entry) for entry in value or ())


def _tags(value: Any) -> dict[str, str]:
    return dict((value or {}).get("tags") or {})
