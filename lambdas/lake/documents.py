"""A contract's document read field by field, so that each mistake is reported where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lake.exceptions import ContractError


class Section:
    """A mapping of a contract file and its place there.

    Take the fields out by type, then call `finish`, which reports those that nobody asked for.
    """

    def __init__(self, file: str, place: str, content: object) -> None:
        if not isinstance(content, Mapping):
            raise ContractError(file, place or "(whole file)", "is no mapping", "Write `field: value` lines.")
        self._file = file
        self._place = place
        self._content: Mapping[str, Any] = content
        self._known: list[str] = []

    def error(self, field: str, problem: str, remedy: str) -> ContractError:
        """The error to raise about one of this section's fields."""
        return ContractError(self._file, self._path(field), problem, remedy)

    def text(self, field: str, default: str | None = None) -> str:
        """A text that is not empty; required if there is no default."""
        value = self._take(field)
        if value is None and default is not None:
            return default
        if value is None:
            raise self.error(field, "is missing", "Every contract must say it.")
        if not isinstance(value, str) or not value.strip():
            raise self.error(field, f"is no text but {value!r}", "Write a text; quote it if it is a number.")
        return value.strip()

    def optional_text(self, field: str) -> str | None:
        """A text, or None where the field is not given."""
        return None if self._take(field) is None else self.text(field)

    def choice(self, field: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of some texts."""
        value = self.text(field, default)
        if value not in choices:
            raise self.error(field, f"is {value!r}", f"Use one of: {', '.join(choices)}.")
        return value

    def flag(self, field: str, default: bool) -> bool:
        """True or false."""
        value = self._take(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error(field, f"is {value!r}", "Write true or false.")
        return value

    def number_text(self, field: str) -> str | None:
        """A number as it is written, so that decimals stay exact; None where it is not given."""
        value = self._take(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.error(field, f"is {value!r}", "Write a number or a text.")
        return str(value)

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts; empty where the field is not given."""
        value = self._take(field)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(field, f"is no list of texts but {value!r}", "Write `[first, second]`.")
        return tuple(value)

    def section(self, field: str) -> Section:
        """A mapping inside this one."""
        value = self._take(field)
        if value is None:
            raise self.error(field, "is missing", "Every contract must say it.")
        return Section(self._file, self._path(field), value)

    def sections(self, field: str) -> list[Section]:
        """A list of mappings, at least one."""
        value = self._take(field)
        if not isinstance(value, list) or not value:
            raise self.error(field, "is no list with an entry", "Write at least one `- name: …` entry.")
        return [Section(self._file, self._path(f"{field}[{at}]"), item) for at, item in enumerate(value)]

    def finish(self) -> None:
        """Report a field that was never asked for: a misspelt name must not pass as not given."""
        for field in self._content:
            if field not in self._known:
                raise self.error(field, "is unknown", f"Use one of: {', '.join(sorted(self._known))}.")

    def _take(self, field: str) -> Any:
        self._known.append(field)
        return self._content.get(field)

    def _path(self, field: str) -> str:
        return f"{self._place}.{field}" if self._place else field
