"""ARNs with places for a call's parameters: how the tables name resources.

    arn:{$partition}:athena:{$region}:{$account}:workgroup/{WorkGroup|'primary'}

A place holds alternatives, the first of which that the call has counts:

- `Name`, `Config.Name`, `Entries[].Name`: a parameter; a list gives one ARN per element;
- `'text'`: a text, where AWS has a default;
- `$account`, `$caller`, `$partition`, `$region`: what the call has besides its parameters.

A parameter that is an ARN already is the whole resource, since AWS takes an ARN wherever it takes a name.
Where no alternative is there, the place is `*`: nothing is named, so the right is needed for any. With a `?`
at the end of the place there is no resource then.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

from millpond.iam.enforcement.call import ServiceCall

Values = Callable[[ServiceCall], tuple[str, ...]]

_PLACE = re.compile(r"\{([^{}]+)\}")


def template(text: str) -> Values:
    """What gives a template's ARNs for a call; none if a place that ends in `?` stays empty."""
    pieces = _PLACE.split(text)
    literals, places = pieces[0::2], [_place(place) for place in pieces[1::2]]
    if not places:
        return lambda _call: (text,)

    def fill(call: ServiceCall) -> tuple[str, ...]:
        found = [place(call) for place in places]
        if all(len(values) == 1 for values in found):
            return (_join(literals, [values[0] for values in found]),)
        return tuple(_join(literals, combination) for combination in itertools.product(*found))

    return fill


def parameter(path: str) -> Values:
    """What gives a parameter's values; none if the call does not have it.

    Args:
        path: Names joined by dots, `[]` after those of lists.
    """
    names = tuple((name.removesuffix("[]"), name.endswith("[]")) for name in path.split("."))
    if len(names) == 1 and not names[0][1]:
        return _simple(names[0][0])

    def read(call: ServiceCall) -> tuple[str, ...]:
        found: list[Any] = [call.parameters]
        for name, is_list in names:
            found = [item[name] for item in found if isinstance(item, Mapping) and item.get(name) is not None]
            if is_list:
                found = [element for item in found if isinstance(item, list) for element in item]
        return tuple(as_text(value) for value in found if not isinstance(value, Mapping | list))

    return read


def as_text(value: Any) -> str:
    """A parameter as conditions compare it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _simple(name: str) -> Values:
    def read(call: ServiceCall) -> tuple[str, ...]:
        value = call.parameters.get(name)
        if value is None:
            return ()
        if isinstance(value, list):
            return tuple(as_text(element) for element in value)
        return (as_text(value),)

    return read


def _join(literals: list[str], values: list[str] | tuple[str, ...]) -> str:
    for value in values:
        if value.startswith("arn:"):
            return value
    return literals[0] + "".join(value + literal for value, literal in zip(values, literals[1:], strict=True))


def _place(text: str) -> Values:
    missing = () if text.endswith("?") else ("*",)
    alternatives = [_alternative(part) for part in text.removesuffix("?").split("|")]

    def read(call: ServiceCall) -> tuple[str, ...]:
        for alternative in alternatives:
            values = tuple(value for value in alternative(call) if value != "")
            if values:
                return values
        return missing

    return read


def _alternative(text: str) -> Values:
    if text.startswith("'"):
        literal = (text.strip("'"),)
        return lambda _call: literal
    return _OF_THE_CALL.get(text) or parameter(text)


_OF_THE_CALL: dict[str, Values] = {
    "$account": lambda call: (call.account,),
    "$caller": lambda call: (call.caller.name,),
    "$partition": lambda call: (call.partition,),
    "$region": lambda call: (call.region,),
}
