"""Finds and configures providers for a run."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Thread

from millpond.deploy.exceptions import UnsupportedType
from millpond.deploy.providers import Provider
from millpond.deploy.providers.aws.provider import AwsProvider
from millpond.deploy.providers.aws.schema import load, package_of
from millpond.deploy.providers.aws.settings import AwsSettings
from millpond.deploy.resource import ResourceState
from millpond.deploy.values import Properties


class ProviderRegistry:
    """The stack's own AWS provider, and those that the program declares beside it."""

    def __init__(self, default: AwsSettings) -> None:
        self._default_settings = default
        self._default = AwsProvider(default)
        self._declared: dict[str, AwsProvider] = {}

    def of(self, type_: str, reference: str) -> Provider:
        """The provider for a type or function token; `reference` is `urn::id` or empty."""
        if type_.partition(":")[0] != "aws":
            raise UnsupportedType(type_)
        return self._declared.get(reference.rpartition("::")[0], self._default)

    def sdk_packages(self, resources: Iterable[ResourceState]) -> frozenset[str]:
        """The packages of the provider's SDK that have the types of resources."""
        return frozenset(package_of(item.type) for item in resources if item.type.startswith("aws:"))

    def get_ready_to_check(self, packages: Iterable[str]) -> None:
        """Start importing the types of packages of the SDK, whose inputs are about to be checked."""
        Thread(target=load, args=(packages,), name="sdk-types", daemon=True).start()

    def configure(self, urn: str, type_: str, inputs: Properties) -> None:
        """Take the settings of a provider that the program declares, over the stack's."""
        if type_ != "pulumi:providers:aws":
            raise UnsupportedType(type_)
        self._declared[urn] = AwsProvider(self._default_settings.overridden(inputs))
