"""The AWS provider: finds the declaration of a type and runs it against the configured APIs."""

from __future__ import annotations

import importlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, Final, TypeVar

from millpond.deploy.exceptions import InvalidInputs, UnsupportedInvoke, UnsupportedType
from millpond.deploy.plan import TypeRules
from millpond.deploy.providers import CheckedInputs, Made
from millpond.deploy.providers.aws import schema
from millpond.deploy.providers.aws.api import Api, calling, unless_missing
from millpond.deploy.providers.aws.declaration import AwsResource, Naming, Outputs
from millpond.deploy.providers.aws.invokes import INVOKES
from millpond.deploy.providers.aws.settings import AwsSettings
from millpond.deploy.resource import ResourceState
from millpond.deploy.values import UNKNOWN, Properties, equal, has_unknowns

T = TypeVar("T")

_MODULES: Final = {
    "apigatewayv2": "apigatewayv2",
    "athena": "athena",
    "budgets": "budgets",
    "cloudwatch": "cloudwatch",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "ecr": "ecr",
    "ecs": "ecs",
    "glue": "glue",
    "iam": "iam",
    "kinesis": "kinesis",
    "kms": "kms",
    "lakeformation": "lakeformation",
    "lambda": "functions",
    "mwaa": "mwaa",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sfn": "stepfunctions",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "vpc": "security_groups",
}
"""The module with the declarations of a service, imported when the first type of it is met."""

_RANDOM_BYTES: Final = 4
_RANDOM_LENGTH: Final = 7


@cache
def declaration_of(token: str) -> AwsResource:
    """The declaration of a resource type."""
    service = token.partition(":")[2].partition("/")[0]
    if service in _MODULES:
        module = importlib.import_module(f"millpond.deploy.providers.aws.{_MODULES[service]}")
        for declaration in module.RESOURCES:
            if token in (declaration.type, *declaration.older_types):
                return declaration()  # type: ignore[no-any-return]  # the modules are found by name
    raise UnsupportedType(token)


def declarations() -> list[AwsResource]:
    """Every declaration that there is."""
    modules = [
        importlib.import_module(f"millpond.deploy.providers.aws.{name}") for name in sorted(_MODULES.values())
    ]
    return [declaration() for module in modules for declaration in module.RESOURCES]


class AwsProvider:
    """The provider of one configuration."""

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._apis: dict[str, Api] = {}

    def rules(self, type_: str) -> TypeRules:
        """What the plan needs to know of a type."""
        return declaration_of(type_).rules

    def check(
        self, type_: str, name: str, inputs: Properties, old: ResourceState | None, *, dry_run: bool
    ) -> CheckedInputs:
        """Check inputs against the SDK's types and the declaration, then complete them."""
        declaration = declaration_of(type_)
        # What was deployed as it is has passed; the SDK's types take long to import.
        if not _given_before(declaration, inputs, old) and (
            mistakes := _mistakes(type_, declaration, inputs)
        ):
            raise InvalidInputs("; ".join(mistakes))
        complete, filled = {**declaration.defaults, **inputs}, set()
        for given in declaration.documents & complete.keys():
            complete[given] = _document(complete[given])
        if declaration.naming is not None and declaration.naming.property not in inputs:
            named = declaration.naming.property
            complete[named] = _name(declaration.naming, name, inputs, old, dry_run=dry_run)
            filled.add(named)
        if declaration.tagged:
            complete["tagsAll"] = {**self._settings.default_tags, **inputs.get("tags", {})}
        if declaration.regional:
            complete.setdefault("region", self._settings.region)
        derived = {"tagsAll": "tags"} if declaration.tagged else {}
        return CheckedInputs(complete, frozenset(filled), derived, declaration.told_once)

    def create(self, type_: str, inputs: Properties, mark: str) -> Made:
        """Make a resource."""
        declaration = declaration_of(type_)
        made = self._call(inputs, lambda api: declaration.create(_marking(declaration, api, mark), inputs))
        return made if isinstance(made, Made) else Made(made)

    def complete(self, type_: str, id_: str, inputs: Properties) -> None:
        """Give a new resource what the call that made it could not."""
        self._call(inputs, lambda api: declaration_of(type_).complete(api, id_, inputs))

    def exists(self, type_: str, id_: str, inputs: Properties) -> bool:
        """Whether the cloud has a resource."""
        declaration = declaration_of(type_)
        return (
            self._call(inputs, lambda api: unless_missing(lambda: declaration.read(api, id_, inputs)))
            is not None
        )

    def read(self, type_: str, id_: str, inputs: Properties, *, new: bool = False) -> dict[str, Any] | None:
        """The outputs of a resource as the cloud has it."""
        declaration = declaration_of(type_)

        def found(api: Api) -> Outputs | None:
            outputs = declaration.read(api, id_, inputs)
            further = declaration.as_new if new else declaration.as_found
            return None if outputs is None else {**further(api, id_, inputs), **outputs}

        outputs = self._call(inputs, lambda api: unless_missing(lambda: found(api)))
        return None if outputs is None else {**_unset(declaration, inputs), **outputs}

    def drift(self, type_: str, id_: str, inputs: Properties) -> dict[str, Any]:
        """The inputs that the cloud has otherwise."""
        # It knows the declarations of many services, and only a refresh needs it.
        from millpond.deploy.providers.aws.drift import drift

        return self._call(inputs, lambda api: drift(declaration_of(type_), api, id_, inputs))

    def update(self, type_: str, id_: str, old: Properties, new: Properties) -> None:
        """Change a resource in place."""
        self._call(new, lambda api: declaration_of(type_).update(api, id_, old, new))

    def delete(self, type_: str, id_: str, inputs: Properties) -> None:
        """Remove a resource."""
        self._call(inputs, lambda api: unless_missing(lambda: declaration_of(type_).delete(api, id_, inputs)))

    def find(self, type_: str, inputs: Properties, since: float, mark: str) -> tuple[str, ...]:
        """The ids of all that may be a resource whose creation was started."""
        declaration = declaration_of(type_)

        def found(api: Api) -> tuple[str, ...]:
            return tuple(declaration.find_all(_marking(declaration, api, mark), inputs, since))

        return self._call(inputs, lambda api: unless_missing(lambda: found(api))) or ()

    def outputs(self, type_: str) -> frozenset[str]:
        """The outputs that the SDK says are always there."""
        return schema.outputs(type_)

    def volatile(self, type_: str) -> frozenset[str]:
        """The outputs that an update may change."""
        return declaration_of(type_).volatile

    def invoke(self, token: str, arguments: Properties) -> dict[str, Any]:
        """Answer a function."""
        if token not in INVOKES:
            raise UnsupportedInvoke(token)
        return self._call(arguments, lambda api: INVOKES[token](api, arguments))

    def _call(self, inputs: Properties, action: Callable[[Api], T]) -> T:
        api = self._api(inputs.get("region") or self._settings.region)
        result: T = calling(lambda: action(api))
        return result

    def _api(self, region: str) -> Api:
        with self._lock:
            if region not in self._apis:
                self._apis[region] = Api(replace(self._settings, region=region))
            return self._apis[region]


def _marking(declaration: AwsResource, api: Api, mark: str) -> Api:
    return api.marking(mark) if declaration.marked else api


def _unset(declaration: AwsResource, inputs: Properties) -> dict[str, Any]:
    """What is told of outputs that have no value of the cloud's."""
    prefix = declaration.naming.prefix_property if declaration.naming else None
    told = {
        **declaration.unset,
        **({"tagsAll": inputs.get("tagsAll", {})} if declaration.tagged else {}),
        # The provider tells only of a prefix that it was given.
        **({prefix: ""} if prefix else {}),
    }
    return {name: value for name, value in told.items() if name == "tagsAll" or name not in inputs}


def _mistakes(type_: str, declaration: AwsResource, inputs: Properties) -> list[str]:
    """One line for each thing that is wrong with inputs, by the SDK's types and by the declaration."""
    mistakes = schema.mistakes(type_, inputs)
    universal = {"region"} | ({"tags", "tagsAll"} if declaration.tagged else set())
    for given in sorted(inputs.keys() - declaration.properties - universal):
        if not any(mistake.startswith(f"'{given}'") for mistake in mistakes):
            mistakes.append(f"'{given}' is not supported by the embedded engine yet")
    return mistakes


def _given_before(declaration: AwsResource, inputs: Properties, old: ResourceState | None) -> bool:
    """Whether the same inputs led to the state that a resource has."""
    if old is None:
        return False
    filled = old.defaults | declaration.defaults.keys() | {"tagsAll", "region"}
    given = {name: value for name, value in old.inputs.items() if name in inputs or name not in filled}
    return equal(given, inputs)


def _document(value: Any) -> Any:
    if has_unknowns(value):
        return UNKNOWN
    return value if isinstance(value, str) else json.dumps(value)


def _name(
    naming: Naming, logical: str, inputs: Properties, old: ResourceState | None, *, dry_run: bool
) -> Any:
    """The name that an earlier run generated, or a new one (which a preview cannot know)."""
    if old is not None and naming.property in old.defaults:
        return old.inputs[naming.property]
    if not naming.random:
        return logical
    if dry_run:
        return UNKNOWN
    prefix = inputs.get(naming.prefix_property or "", f"{naming.prefix}{logical}-")
    condition, suffix = naming.suffix_if or ("", "")
    random = secrets.token_hex(_RANDOM_BYTES)[:_RANDOM_LENGTH] + (suffix if inputs.get(condition) else "")
    name = f"{prefix[: naming.longest - len(random)]}{random}"
    return name.lower() if naming.lowercase else name
