"""The AWS APIs of one account and region, as the declarations call them."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from millpond.deploy.exceptions import CloudError
from millpond.deploy.providers.aws.settings import AwsSettings

T = TypeVar("T")

_CONFIG: Final = Config(
    retries={"mode": "standard", "max_attempts": 2},
    max_pool_connections=32,
    connect_timeout=5,
    # An answer that is given up is asked for again, and what has no name is then made twice: moto takes a
    # minute for its first answer of EC2 on a machine that is busy.
    read_timeout=600,
    s3={"addressing_style": "path"},
    # Some services' operations have names of their own before the host's, which an address has not.
    inject_host_prefix=False,
)

# What the services answer when a thing is not there, whatever the thing is.
NOT_FOUND: Final = frozenset(
    {
        "404",
        "NotFound",
        "NotFoundException",
        "ResourceNotFoundException",
        "EntityNotFoundException",
        "NoSuchEntity",
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NoSuchTagSetError",
        "NoSuchCORSConfiguration",
        "NoSuchWebsiteConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError",
        "ReplicationConfigurationNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "ParameterNotFound",
        "StateMachineDoesNotExist",
        "RepositoryNotFoundException",
        "RepositoryPolicyNotFoundException",
        "LifecyclePolicyNotFoundException",
        "NatGatewayNotFound",
        "ActivityDoesNotExist",
        "ResourceNotFound",
    }
)


_TOLD_IN_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    # Athena's workgroups, and LocalStack's dashboards.
    "InvalidRequestException": ("is not found.", "was not found"),
    "InvalidParameterValue": ("does not exist.",),
}


class Api:
    """Clients for one provider, made when first used, and who and where it is."""

    mark: str | None = None
    """What the resource that is being made, or looked for, is marked with; only for types that have marks."""

    def __init__(self, settings: AwsSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    def marking(self, mark: str) -> Api:
        """The same for the creation that has this mark."""
        marked = copy.copy(self)
        marked.mark = mark
        return marked

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._client(self._session, service)
            return self._clients[service]

    def _client(self, session: Any, service: str) -> Any:
        return session.client(service, endpoint_url=self.settings.endpoint_of(service), config=_CONFIG)

    @cached_property
    def _session(self) -> Any:
        """The session of the settings' keys, or of the role that they lead to; used under the lock only.

        The service's name is known only when it runs, so there is nothing for boto3's stubs to choose by.
        """
        settings = self.settings
        session = boto3.Session(
            settings.access_key,
            settings.secret_key,
            settings.token,
            region_name=settings.region,
            profile_name=settings.profile,
        )
        for role in settings.assumed_roles:
            given = self._client(session, "sts").assume_role(**role.parameters)["Credentials"]
            keys = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
            session = boto3.Session(*keys, region_name=settings.region)
        return session

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def region(self) -> str:
        """The provider's region."""
        return self.settings.region

    @cached_property
    def partition(self) -> str:
        """The partition that the region belongs to."""
        # Asked once, and of a session that is there: a new one reads the list of all AWS endpoints.
        with self._lock:
            return str(self._session.get_partition_for_region(self.region))

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Who the provider calls as."""
        return dict(self.client("sts").get_caller_identity())

    @cached_property
    def canonical_user(self) -> str:
        """The account as S3's lists of grants name it."""
        return str(self.client("s3").list_buckets(MaxBuckets=1)["Owner"]["ID"])

    @property
    def account(self) -> str:
        """The account that the provider works in."""
        return str(self.identity["Account"])


def call(client: Any, operation: str, request: Mapping[str, Any]) -> Any:
    """Call an operation by the name that the API has for it."""
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    return getattr(client, methods[operation])(**request)


def pages_of(client: Any, operation: str, request: Mapping[str, Any]) -> Iterator[Any]:
    """All pages of an answer; of operations that have no pages it is the answer."""
    method = {name: method for method, name in client.meta.method_to_api_mapping.items()}[operation]
    if client.can_paginate(method):
        yield from client.get_paginator(method).paginate(**request)
    else:
        yield call(client, operation, request)


def calling(action: Callable[[], Any]) -> Any:
    """Run calls of boto3 and put what they raise into the engine's words."""
    try:
        return action()
    except ClientError as error:
        details = error.response.get("Error", {})
        code, message = details.get("Code", "Unknown"), details.get("Message", "")
        raise CloudError(f"{code}: {message} ({error.operation_name})") from error
    except EndpointConnectionError as error:
        raise CloudError(f"{error}; is the local cloud running (`millpond start`)?") from error
    except BotoCoreError as error:
        raise CloudError(str(error)) from error


def is_missing(error: ClientError) -> bool:
    """Whether a service said that the thing is not there."""
    details = error.response.get("Error", {})
    code, message = details.get("Code"), details.get("Message", "")
    # EC2 has a code for each kind of thing.
    if code in NOT_FOUND or str(code).endswith(".NotFound"):
        return True
    # Some have one code for all that is wrong with a request, and tell what is missing in words.
    return message.endswith(_TOLD_IN_WORDS.get(str(code), ()))


def unless_missing(action: Callable[[], T]) -> T | None:
    """What an action returns, or None when it says that the thing is not there."""
    try:
        return action()
    except ClientError as error:
        if is_missing(error):
            return None
        raise
