"""Shows a run as `pulumi up` does: a tree by component, what changed in each resource, a summary."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from millpond.deploy.exceptions import DeployError
from millpond.deploy.plan import Action, Change, Step
from millpond.deploy.resource import STACK_TYPE, ResourceState
from millpond.deploy.values import UNKNOWN, Blob, Properties

MASK: Final = "[secret]"
_LONGEST_VALUE: Final = 60
_WARNING: Final = 2
PRINTED: Final = 100
"""The severity of what a program prints: always for the user."""


@dataclass(frozen=True)
class _Look:
    """How an action is drawn, and called before and after it is done."""

    sign: str
    style: str
    plan: str
    done: str


_LOOKS: Final[Mapping[Action, _Look]] = {
    Action.CREATE: _Look("+", "green", "create", "created"),
    Action.UPDATE: _Look("~", "yellow", "update", "updated"),
    Action.REPLACE: _Look("+-", "magenta", "replace", "replaced"),
    Action.DELETE: _Look("-", "red", "delete", "deleted"),
    Action.IMPORT: _Look("=", "cyan", "import", "imported"),
    Action.RETAIN: _Look("-", "red", "forget (retained)", "forgotten (retained)"),
    Action.SAME: _Look(" ", "dim", "", "unchanged"),
}


class RunDisplay:
    """Collects what an engine reports and prints it; an `Observer`."""

    def __init__(self, console: Console, title: str, *, dry_run: bool) -> None:
        self._console = console
        self._title = title
        self._dry_run = dry_run
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._resources: dict[str, ResourceState] = {}
        self._steps: dict[str, Step] = {}
        self._errors: dict[str, DeployError] = {}
        self._finished: set[str] = set()
        self._status = console.status(title)
        self._messages: list[str] = []

    def __enter__(self) -> RunDisplay:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def planned(self, resource: ResourceState, step: Step) -> None:
        """A step begins."""
        with self._lock:
            self._resources[step.urn] = resource
            self._steps[step.urn] = step
            look = _LOOKS[step.action]
            if not self._dry_run and look.plan:
                what = escape(f"{look.plan} {short_type(resource.type)} {resource.name}")
                self._status.update(f"{self._title}: {what} ({len(self._finished)} done)")

    def finished(self, step: Step) -> None:
        """A step ended well."""
        with self._lock:
            self._finished.add(step.urn)

    def failed(self, urn: str, error: DeployError) -> None:
        """A step ended badly, or a resource was refused."""
        with self._lock:
            self._errors[urn] = error

    def message(self, severity: int, text: str) -> None:
        """The program logged or printed something; its debugging and information are not for the user."""
        if severity >= _WARNING:
            with self._lock:
                self._messages.append(text)

    def summary(self) -> dict[str, int]:
        """How many resources had what done to them; nothing is left out but the stack itself."""
        counts = {
            look.done: 0 for action, look in _LOOKS.items() if action not in (Action.IMPORT, Action.RETAIN)
        }
        for urn, step in self._steps.items():
            counted = self._dry_run or urn in self._finished
            if counted and urn not in self._errors and self._resources[urn].type != STACK_TYPE:
                done = _LOOKS[step.action].done
                counts[done] = counts.get(done, 0) + 1
        return counts

    def print_tree(self) -> None:
        """The resources below their components, with what is done to each."""
        if all(step.action is Action.SAME for step in self._steps.values()) and not self._errors:
            self._print_messages()
            return
        table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
        for heading in ("", "Type", "Name", "Plan" if self._dry_run else "Status", "Changes"):
            table.add_column(heading, overflow="fold")
        children: dict[str, list[str]] = {}
        for urn, resource in self._resources.items():
            parent = resource.parent if resource.parent in self._resources else ""
            children.setdefault(parent, []).append(urn)
        self._add_rows(table, children, "", "")
        self._console.print(table)
        self._print_messages()

    def print_summary(self, outputs: Properties, secrets: frozenset[str]) -> None:
        """The exports, the counts and the time that it took."""
        if outputs:
            self._console.print("\n[bold]Outputs:[/]")
            for name, value in sorted(outputs.items()):
                shown = MASK if name in secrets else _text(value)
                self._console.print(f"    {escape(name)}: {escape(shown)}", highlight=False)
        self._console.print("\n[bold]Resources:[/]")
        for action, look in _LOOKS.items():
            if count := self.summary().get(look.done):
                word = look.done if action is Action.SAME or not self._dry_run else f"to {look.plan}"
                self._console.print(f"    [{look.style}]{look.sign} {count} {word}[/]", highlight=False)
        self._console.print(f"\nDuration: {time.monotonic() - self._started:.1f}s", highlight=False)

    def _print_messages(self) -> None:
        for line in self._messages:
            self._console.print(Text(line, style="yellow"))

    def _add_rows(self, table: Table, children: Mapping[str, list[str]], parent: str, indent: str) -> None:
        siblings = [urn for urn in children.get(parent, ()) if self._worth_showing(children, urn)]
        for position, urn in enumerate(siblings):
            last = position == len(siblings) - 1
            top = not parent
            branch = "" if top else ("└─ " if last else "├─ ")
            below = indent if top else indent + ("   " if last else "│  ")
            self._add_row(table, urn, f"{indent}{branch}")
            self._add_rows(table, children, urn, below)

    def _worth_showing(self, children: Mapping[str, list[str]], urn: str) -> bool:
        """Whether something happens to a resource or to one below it."""
        if self._steps[urn].action is not Action.SAME or urn in self._errors:
            return True
        return any(self._worth_showing(children, child) for child in children.get(urn, ()))

    def _add_row(self, table: Table, urn: str, branch: str) -> None:
        resource, step = self._resources[urn], self._steps[urn]
        look = _LOOKS[step.action]
        status, style = (look.plan if self._dry_run else look.done), look.style
        if urn in self._errors:
            status, style = "failed", "bold red"
        elif not self._dry_run and urn not in self._finished:
            status, style = "not done", "dim"
        elif step.reason:
            status = f"{status} ({step.reason})"
        changed = {change.path.partition(".")[0] for change in step.changes}
        changes = "; ".join(
            _describe(change, resource.secrets)
            for change in step.changes
            # All tags are the resource's own and the provider's: not worth saying twice.
            if not ("tags" in changed and change.path.startswith("tagsAll"))
        )
        table.add_row(
            Text(look.sign, style),
            Text(f"{branch}{short_type(resource.type)}"),
            Text(resource.name),
            Text(status, style),
            Text(changes),
        )


def short_type(token: str) -> str:
    """A type as Pulumi shows it: `aws:s3/bucket:Bucket` is `aws:s3:Bucket`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.partition(":")
    return f"{package}:{module.partition('/')[0]}:{name}"


def masked(outputs: Mapping[str, Any], secrets: frozenset[str]) -> dict[str, Any]:
    """Outputs as they may be shown."""
    return {name: MASK if name in secrets else value for name, value in outputs.items()}


def _describe(change: Change, secrets: frozenset[str]) -> str:
    if change.path.partition(".")[0] in secrets:
        return f"{change.path}: {MASK}"
    text = f"{change.path}: {_shorten(change.old)} => {_shorten(change.new)}"
    return f"{text} (replaces)" if change.replaces else text


def _text(value: Any) -> str:
    if value is None:
        return "(none)"
    if value is UNKNOWN:
        return "(known after up)"
    if isinstance(value, Blob):
        return f"{value.kind} {value.digest[:7]}"
    if isinstance(value, Mapping | list):
        return json.dumps(value, default=_text)
    return " ".join((value if isinstance(value, str) else repr(value)).split())


def _shorten(value: Any) -> str:
    text = _text(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
