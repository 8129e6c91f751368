"""What a target gets of an event: all of it, a part, a constant, or a text made of its parts.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.parser import parse as parse_json_path

from millpond.events.exceptions import InputNotMade, InvalidParameter

_VARIABLE = re.compile(r"<([\w.@$-]+)>")


@dataclass(frozen=True)
class RuleName:
    """What templates can say about the rule that an event has matched."""

    arn: str
    name: str


def check_input(target: Mapping[str, Any]) -> None:
    """Make sure that a target's input can be made.

    Raises:
        InvalidParameter: More than one kind of input is given, or a path or template is not valid.
    """
    given = [name for name in ("Input", "InputPath", "InputTransformer") if target.get(name) is not None]
    if len(given) > 1:
        raise InvalidParameter(
            "Only one of Input, InputPath, or InputTransformer must be provided for target "
            f"{target.get('Id')}."
        )
    if "Input" in given:
        try:
            json.loads(target["Input"])
        except ValueError:
            raise InvalidParameter(
                f"JSON syntax error in input for target {target.get('Id')}: {target['Input']}"
            ) from None
    transformer = target.get("InputTransformer") or {}
    for path in [target.get("InputPath"), *(transformer.get("InputPathsMap") or {}).values()]:
        if path is not None:
            _check_path(path)
    if transformer:
        defined = {*(transformer.get("InputPathsMap") or {}), *_RESERVED}
        for name in _VARIABLE.findall(transformer.get("InputTemplate", "")):
            if name not in defined:
                raise InvalidParameter(
                    f"InputTemplate for target {target.get('Id')} contains invalid placeholder {name}."
                )


def input_for(target: Mapping[str, Any], event: Mapping[str, Any], rule: RuleName) -> str:
    """The text that a target gets, mostly JSON.

    Args:
        target: As PutTargets takes it.
        event: The event, as a target without any input settings would see it.
        rule: The rule that it has matched.

    Raises:
        InputNotMade: A template for JSON would give something else.
    """
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        return _as_json(_at(target["InputPath"], event))
    if transformer := target.get("InputTransformer"):
        return _transformed(transformer, event, rule)
    return _as_json(event)


_RESERVED = {
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
}


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any], rule: RuleName) -> str:
    values: dict[str, Any] = {
        name: _at(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    values |= {
        "aws.events.rule-arn": rule.arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {
            _CAMEL_CASE.get(name, name): value for name, value in event.items() if name != "detail"
        },
        "aws.events.event.json": dict(event),
    }
    template = transformer["InputTemplate"]
    if not template.lstrip().startswith(("{", "[")):
        return "\n".join(_filled(line, values) for line in template.splitlines())
    text = _filled(template, values, raw_json=True)
    try:
        json.loads(text)
    except ValueError:
        raise InputNotMade(text) from None
    return text


# How AWS spells a field in this one place.
_CAMEL_CASE = {"detail-type": "detailType"}


def _filled(template: str, values: Mapping[str, Any], *, raw_json: bool = False) -> str:
    """A template with its variables; inside quotes they are text, elsewhere JSON.

    A variable whose path the event does not have is an empty text. Objects and lists inside quotes lose
    their own quotes; `raw_json` leaves them, which is no JSON then.
    """
    filled, end, quoted = [], 0, False
    for match in _VARIABLE.finditer(template):
        before = template[end : match.start()]
        quoted ^= len(_QUOTE.findall(before)) % 2 == 1
        value = values.get(match[1])
        if not quoted:
            text = _as_json("" if value is None else value)
        elif isinstance(value, Mapping | list):
            text = _as_json(value) if raw_json else _as_json(value).replace('"', "")
        else:
            text = _as_text(value)
        filled += [before, text]
        end = match.end()
    return "".join(filled) + template[end:]


_QUOTE = re.compile(r'(?<!\\)"')


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _as_json(value)
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _at(path: str, event: Mapping[str, Any]) -> Any:
    """What lies at a path; None where nothing does."""
    found = [match.value for match in parse_json_path(path).find(event)]
    return found[0] if len(found) == 1 else (found or None)


def _check_path(path: str) -> None:
    wrong = InvalidParameter(f"Invalid JSON path: {path}")
    if not path.startswith("$"):
        raise wrong
    try:
        parse_json_path(path)
    except JSONPathError:
        raise wrong from None
