"""The findings of linters that are right as they are, with the reasons, and the page that lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from policies.linters import Finding

SUPPRESSIONS = Path(__file__).with_name("suppressions.yaml")


@dataclass(frozen=True)
class Suppression:
    """A finding that is right as it is."""

    linter: str
    finding: str
    reason: str
    document: str = "*"
    kind: str = "*"
    about: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether it is about a finding."""
        return (
            finding.linter == self.linter
            and finding.name == self.finding
            and self.document in ("*", finding.document.name)
            and self.kind in ("*", finding.document.kind)
            and self.about in finding.detail
        )


def suppressions() -> list[Suppression]:
    """The suppressions, as they are written down."""
    return [Suppression(**entry) for entry in yaml.safe_load(SUPPRESSIONS.read_text())]


def report(suppressed: Sequence[Suppression]) -> str:
    """The suppressions as a page."""
    rows = "\n".join(
        f"| {s.linter} | `{s.finding}` | {_scope(s)} | {' '.join(s.reason.split())} |" for s in suppressed
    )
    return f"""\
# What the linters say and is right as it is

Every policy document that the program makes, for every stack, is linted with
[parliament](https://github.com/duo-labs/parliament) and
[cloudsplaining](https://github.com/salesforce/cloudsplaining), and checked against AWS's service
authorization reference. These findings are suppressed; all others fail the tests. This page is made of
`tests/policies/suppressions.yaml` by `python tests/policies/suppressions.py > docs/roles/suppressions.md`.

| linter | finding | where | why it is right |
|---|---|---|---|
{rows}
"""


def _scope(suppression: Suppression) -> str:
    if suppression.document != "*":
        return f"`{suppression.document}`"
    return "everywhere" if suppression.kind == "*" else f"{suppression.kind} policies"


if __name__ == "__main__":
    print(report(suppressions()), end="")
