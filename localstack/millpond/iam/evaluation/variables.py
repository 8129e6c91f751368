"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and `${*}`, `${?}`, `${$}`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from millpond.iam.evaluation.patterns import LITERAL_ASTERISK, LITERAL_QUESTION_MARK, protect

_VARIABLE: Final = re.compile(
    r"\$\{\s*(?:(?P<escape>[*?$])|(?P<key>[^},]+?)\s*(?:,\s*'(?P<default>[^']*)')?)\s*\}"
)
_ESCAPES: Final = {"*": LITERAL_ASTERISK, "?": LITERAL_QUESTION_MARK, "$": "$"}


@dataclass(frozen=True)
class Variable:
    """One variable: a condition key, as written and in lower case, and what it stands for without a value."""

    name: str
    key: str
    default: str | None


@dataclass(frozen=True)
class Template:
    """A text with variables.

    Attributes:
        parts: Text and variables, in order.
    """

    parts: tuple[str | Variable, ...]

    @property
    def names(self) -> frozenset[str]:
        """The condition keys that it reads, as the policy spells them."""
        return frozenset(part.name for part in self.parts if isinstance(part, Variable))

    @property
    def beginning(self) -> str:
        """What stands before the first variable."""
        return self.parts[0] if isinstance(self.parts[0], str) else ""

    def resolve(self, context: Mapping[str, tuple[str, ...]]) -> str | None:
        """The text for a request; `None` when a variable has no value, or more than one.

        What comes from a variable has no wildcards: a user named `*` is not everybody.
        """
        resolved: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                resolved.append(part)
                continue
            values = context.get(part.key, ())
            if len(values) == 1:
                resolved.append(protect(values[0]))
            elif not values and part.default is not None:
                resolved.append(protect(part.default))
            else:
                return None
        return "".join(resolved)


def read(text: str, *, has_variables: bool) -> str | Template:
    """A text of a policy; one without variables stays a text.

    Arguments:
        text: As the policy has it.
        has_variables: Whether the policy's version knows variables; in the older one `${` is text.
    """
    if not has_variables or "${" not in text:
        return text
    parts: list[str | Variable] = []
    literal = ""
    end = 0
    for found in _VARIABLE.finditer(text):
        literal += text[end : found.start()]
        end = found.end()
        if found["escape"]:
            literal += _ESCAPES[found["escape"]]
            continue
        parts += [literal, Variable(found["key"], found["key"].lower(), found["default"])]
        literal = ""
    literal += text[end:]
    if not parts:
        return literal
    return Template(tuple(part for part in [*parts, literal] if part != ""))
