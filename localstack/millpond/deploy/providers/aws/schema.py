"""Checks inputs against the types of Pulumi's AWS SDK: names, required ones, and kinds of values.

The SDK checks only the names of top-level arguments; what is inside a dictionary goes to the provider as
it was written. Here that is compared with the SDK's own input classes before anything is made.
"""

from __future__ import annotations

import collections.abc
import contextlib
import difflib
import importlib
import inspect
import threading
import types
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import pulumi

# The SDK has no public way to ask for the wire names and types of its classes.
from pulumi import _types as sdk_types

from millpond.deploy.values import UNKNOWN, Blob, Properties

_IMPORTS: Final = threading.Lock()
_CHECKING: Final = threading.Event()
_SCALARS: Final = (str, int, float, bool)
_KIND_NAMES: Final[Mapping[Any, str]] = {
    list: "a list",
    dict: "an object",
    _SCALARS: "a single value",
    object: "anything",
}
_MODULE_NAMES: Final = {"lambda": "lambda_"}


@cache
def inputs_class(token: str) -> type | None:
    """The SDK's class for a resource's arguments, or None when the SDK has no such resource."""
    module, name = _module(token)
    for suffix in ("InitArgs", "Args"):
        found = getattr(module, f"{name}{suffix}", None)
        if inspect.isclass(found):
            return found
    return None


@cache
def outputs(token: str) -> frozenset[str]:
    """The outputs of a resource that are not optional, by their wire names."""
    with _IMPORTS:
        module, name = _module(token)
        return frozenset(
            wire_name
            for _, wire_name, getter in sdk_types._py_properties(getattr(module, name))
            if type(None) not in get_args(get_args(get_type_hints(getter.fget)["return"])[0])
        )


def package_of(token: str) -> str:
    """The package of the SDK that has a resource type."""
    service = token.partition(":")[2].partition("/")[0]
    return f"pulumi_aws.{_MODULE_NAMES.get(service, service)}"


def load(packages: Iterable[str]) -> None:
    """Import packages of the SDK, if they are there, until there is something to check.

    From then on a package is imported when one of its types is met: a program may name what it does not use.
    """
    for package in packages:
        with _IMPORTS, contextlib.suppress(ModuleNotFoundError):
            if _CHECKING.is_set():
                return
            _package(package)


def _module(token: str) -> tuple[types.ModuleType, str]:
    """The SDK's module of a resource type, and the name of its class."""
    _, path, name = token.split(":")
    _, _, file = path.partition("/")
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in file)
    package = _package(package_of(token))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            module = importlib.import_module(f"{package.__name__}.{snake}")
        except ModuleNotFoundError:
            module = package
    return module, name


def _package(name: str) -> types.ModuleType:
    with warnings.catch_warnings():
        # The SDK warns of its own older resources while it is imported.
        warnings.simplefilter("ignore", DeprecationWarning)
        package = importlib.import_module(name)
        # The SDK's packages load themselves when something is first asked of them, and never do once a
        # module of theirs was imported before: a program in this process would find them empty.
        hasattr(package, "__all__")
    return package


def mistakes(token: str, inputs: Properties) -> list[str]:
    """One line for each thing that is wrong with a resource's inputs."""
    _CHECKING.set()
    # The SDK's modules import one another; two threads that start at different ends block each other.
    with _IMPORTS:
        expected = inputs_class(token)
        return [] if expected is None else list(_object(expected, inputs, ""))


def _object(expected: type, value: Mapping[str, Any], path: str) -> Iterator[str]:
    known = sdk_types.input_type_types(expected)
    python_names = {wire: name for name, wire in sdk_types.input_type_py_to_pulumi_names(expected).items()}
    for name, item in value.items():
        if name in known:
            yield from _value(_alternatives(_hint(expected, name)), item, f"{path}{name}")
            continue
        close = difflib.get_close_matches(name, [*known, *python_names.values()], n=1)
        suggestion = f"; did you mean '{python_names.get(close[0], close[0])}'?" if close else ""
        yield f"'{path}{name}' is not a property{suggestion}"
    for name in sorted(_required(expected) - value.keys()):
        yield f"'{path}{python_names[name]}' is missing"


def _value(alternatives: Sequence[Any], value: Any, path: str) -> Iterator[str]:
    if value is UNKNOWN or isinstance(value, Blob) or not alternatives or Any in alternatives:
        return
    fitting = [alternative for alternative in alternatives if isinstance(value, _kind(alternative))]
    if not fitting:
        kinds = " or ".join(dict.fromkeys(_KIND_NAMES[_kind(alternative)] for alternative in alternatives))
        yield f"'{path}' should be {kinds}, not {value!r}"
        return
    found = [list(_inside(alternative, value, path)) for alternative in fitting]
    if all(found):
        yield from min(found, key=len)


def _kind(expected: Any) -> type | tuple[type, ...]:
    """What a value has to be on the wire to be of a type at all."""
    origin = get_origin(expected) or expected
    if origin is collections.abc.Sequence:
        return list
    if origin is collections.abc.Mapping or sdk_types.is_input_type(origin):
        return dict
    return _SCALARS if origin in _SCALARS else object


def _inside(expected: Any, value: Any, path: str) -> Iterator[str]:
    """What is wrong inside a value whose kind is right."""
    origin = get_origin(expected) or expected
    if origin is collections.abc.Sequence:
        for index, item in enumerate(value):
            yield from _value(_alternatives(get_args(expected)[0]), item, f"{path}[{index}]")
    elif origin is collections.abc.Mapping:
        for key, item in value.items():
            yield from _value(_alternatives(get_args(expected)[1]), item, f"{path}.{key}")
    elif origin in _SCALARS:
        yield from _scalar(origin, value, path)
    elif sdk_types.is_input_type(origin):
        yield from _object(origin, value, f"{path}.")


def _scalar(expected: type, value: Any, path: str) -> Iterator[str]:
    """As lenient as the provider: a number or boolean may be a text that says the same, and the reverse."""
    if expected is bool and value not in (True, False, "true", "false"):
        yield f"'{path}' should be true or false, not {value!r}"
    elif expected in (int, float) and isinstance(value, str) and not _is_number(value):
        yield f"'{path}' should be a number, not {value!r}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _alternatives(hint: Any) -> list[Any]:
    """What a value may be, without the wrappers (Optional, Awaitable, Output) that the wire does not have."""
    if get_origin(hint) in (Union, types.UnionType):
        return [inner for argument in get_args(hint) for inner in _alternatives(argument)]
    if hint is type(None) or get_origin(hint) in (collections.abc.Awaitable, pulumi.Output):
        return []
    return [hint]


def _hint(expected: type, name: str) -> Any:
    return sdk_types._raw_return_hints(expected)[name]


def _required(expected: type) -> frozenset[str]:
    return sdk_types._required_property_names(expected)
