"""What the program declares (`Registration`), what the cloud has (`ResourceState`), and names (`Urn`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from millpond.deploy.values import Properties, from_state, to_state

STACK_TYPE: Final = "pulumi:pulumi:Stack"
STACK_REFERENCE_TYPE: Final = "pulumi:pulumi:StackReference"
PROVIDER_PREFIX: Final = "pulumi:providers:"


@dataclass(frozen=True)
class Urn:
    """A resource's name within everything that Pulumi manages."""

    stack: str
    project: str
    qualified_type: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Take apart `urn:pulumi:stack::project::parentType$type::name`."""
        stack, project, qualified_type, name = text.removeprefix("urn:pulumi:").split("::", 3)
        return cls(stack, project, qualified_type, name)

    @classmethod
    def of(cls, stack: str, project: str, type_: str, name: str, parent: str = "") -> Urn:
        """The name of a resource below a parent: the stack itself does not show in its children's."""
        if parent:
            above = cls.parse(parent).qualified_type
            if above != STACK_TYPE:
                type_ = f"{above}${type_}"
        return cls(stack, project, type_, name)

    def below(self, parent: Urn, former: Urn) -> Urn:
        """The name that this child of `parent` had when its parent was called `former`.

        By Pulumi's convention children are called after their parent, so that they were renamed with it.
        """
        name = self.name
        if name.startswith(parent.name):
            name = former.name + name.removeprefix(parent.name)
        return Urn.of(former.stack, former.project, self.type, name, str(former))

    @property
    def type(self) -> str:
        """The type token, without the parents'."""
        return self.qualified_type.rpartition("$")[2]

    def __str__(self) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::{self.qualified_type}::{self.name}"


@dataclass(frozen=True)
class Options:
    """Pulumi's resource options, as far as the engine acts on them."""

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    import_id: str = ""
    deleted_with: str = ""


@dataclass(frozen=True)
class Registration:
    """A resource as the program declares it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Properties
    secrets: frozenset[str] = frozenset()
    dependencies: frozenset[str] = frozenset()
    property_dependencies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    provider: str = ""
    aliases: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    declared_at: str | None = None


@dataclass(frozen=True)
class ResourceState:
    """A resource as the last operation on it left it.

    `defaults` names the inputs that the engine filled in (generated names). `doomed` marks one that was
    replaced and still has to be deleted. `unsettled` marks one whose last update did not end, so that its
    inputs are not certain. `gone` is never stored: the cloud no longer has it.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    defaults: frozenset[str] = frozenset()
    dependencies: frozenset[str] = frozenset()
    property_dependencies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    provider: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    declared_at: str | None = None
    doomed: bool = False
    unsettled: bool = False
    gone: bool = False

    @property
    def is_provider(self) -> bool:
        """Whether this is an explicitly configured provider, not a thing in the cloud."""
        return self.type.startswith(PROVIDER_PREFIX)

    def outputs_of(self, names: Collection[str]) -> dict[str, Any]:
        """Those of the named outputs that there are."""
        return {name: value for name, value in self.outputs.items() if name in names}

    @property
    def prerequisites(self) -> frozenset[str]:
        """Every resource that has to exist as long as this one does."""
        provider = self.provider.rpartition("::")[0]
        return self.dependencies | frozenset(urn for urn in (self.parent, provider) if urn)

    def renamed(self, old_urn: str, urn: str) -> ResourceState:
        """The same after another, or itself, came to be called `urn`."""

        def now(name: str) -> str:
            return urn if name == old_urn else name

        provider, separator, id_ = self.provider.rpartition("::")
        return replace(
            self,
            urn=now(self.urn),
            name=Urn.parse(urn).name if self.urn == old_urn else self.name,
            parent=now(self.parent),
            dependencies=frozenset(map(now, self.dependencies)),
            property_dependencies={
                name: frozenset(map(now, urns)) for name, urns in self.property_dependencies.items()
            },
            provider=f"{now(provider)}{separator}{id_}",
            deleted_with=now(self.deleted_with),
        )

    def to_json(self) -> dict[str, Any]:
        """The form that the state file holds; what is empty is left out."""
        fields = {
            "urn": self.urn,
            "type": self.type,
            "name": self.name,
            "parent": self.parent,
            "custom": self.custom,
            "id": self.id,
            "inputs": to_state(self.inputs),
            "outputs": to_state(self.outputs),
            "secrets": sorted(self.secrets),
            "defaults": sorted(self.defaults),
            "dependencies": sorted(self.dependencies),
            "propertyDependencies": {key: sorted(urns) for key, urns in self.property_dependencies.items()},
            "provider": self.provider,
            "protect": self.protect,
            "retainOnDelete": self.retain_on_delete,
            "deletedWith": self.deleted_with,
            "declaredAt": self.declared_at,
            "doomed": self.doomed,
            "unsettled": self.unsettled,
        }
        return {key: value for key, value in fields.items() if value not in (None, "", False, [], {})}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> ResourceState:
        """The inverse of `to_json`."""
        return cls(
            urn=raw["urn"],
            type=raw["type"],
            name=raw["name"],
            parent=raw.get("parent", ""),
            custom=raw.get("custom", False),
            id=raw.get("id", ""),
            inputs=from_state(raw.get("inputs", {})),
            outputs=from_state(raw.get("outputs", {})),
            secrets=frozenset(raw.get("secrets", ())),
            defaults=frozenset(raw.get("defaults", ())),
            dependencies=frozenset(raw.get("dependencies", ())),
            property_dependencies={
                key: frozenset(urns) for key, urns in raw.get("propertyDependencies", {}).items()
            },
            provider=raw.get("provider", ""),
            protect=raw.get("protect", False),
            retain_on_delete=raw.get("retainOnDelete", False),
            deleted_with=raw.get("deletedWith", ""),
            declared_at=raw.get("declaredAt"),
            doomed=raw.get("doomed", False),
            unsettled=raw.get("unsettled", False),
        )
