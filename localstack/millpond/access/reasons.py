"""Why a grant stays although a run did not use it: a file that names role, statement and action.

    millpond-*-deployer: Deploys from GitHub; no run of the demo does.
    millpond-*-analyst:
      RunQueries:
        athena:StopQueryExecution: Who starts a query may stop it.
      ReadMarts: ...

Roles may be named by a pattern. A statement is named by its `Sid`, or by its policy and number (`policy#0`).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from millpond.access.exceptions import InvalidReasons
from millpond.access.report import Grant, RoleAccess

_WHOLE = ""


@dataclass(frozen=True)
class Reasons:
    """Reasons by role, statement and action or resource; the empty name stands for all of it."""

    by_role: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def find(self, role: RoleAccess, grant: Grant, item: str) -> str | None:
        """Why an unused action or resource of a grant stays, if somebody said so."""
        for pattern, statements in self.by_role.items():
            if not fnmatch.fnmatchcase(role.name, pattern):
                continue
            for statement in (_WHOLE, grant.statement):
                named = statements.get(statement, {})
                if _WHOLE in named or item in named:
                    return named.get(item) or named[_WHOLE]
        return None


def read_reasons(file: Path) -> Reasons:
    """Read a file of reasons.

    Raises:
        InvalidReasons: It is no YAML, or not of the form above.
    """
    try:
        content = yaml.safe_load(file.read_text()) or {}
    except yaml.YAMLError as error:
        raise InvalidReasons(file, f"it is no YAML: {error}") from error
    except OSError as error:
        raise InvalidReasons(file, str(error)) from error
    if not isinstance(content, dict):
        raise InvalidReasons(file, "it is no mapping")
    return Reasons({str(role): _statements(file, role, value) for role, value in content.items()})


def _statements(file: Path, role: Any, value: Any) -> dict[str, dict[str, str]]:
    if isinstance(value, str):
        return {_WHOLE: {_WHOLE: value}}
    if not isinstance(value, dict):
        raise InvalidReasons(file, f"role {role} has neither a reason nor statements")
    return {str(name): _items(file, f"{role}, {name}", each) for name, each in value.items()}


def _items(file: Path, place: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {_WHOLE: value}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise InvalidReasons(file, f"{place} has neither a reason nor actions and resources with reasons")
    return {str(name): reason for name, reason in value.items()}
