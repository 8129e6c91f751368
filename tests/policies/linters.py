"""What parliament and cloudsplaining say of a document."""

from __future__ import annotations

import functools
import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.documents import Document, documents

with warnings.catch_warnings():
    # parliament imports pkg_resources, which says that it will go.
    warnings.simplefilter("ignore")
    import parliament
    from cloudsplaining.scan.policy_document import PolicyDocument

# What cloudsplaining looks for in identity policies.
_CLOUDSPLAINING = (
    "allows_privilege_escalation",
    "allows_data_exfiltration_actions",
    "permissions_management_without_constraints",
    "credentials_exposure",
    "service_wildcard",
)


@dataclass(frozen=True)
class Finding:
    """What a linter says of a document."""

    linter: str
    document: Document
    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.document}: {self.linter}: {self.name}: {self.detail}"


@functools.cache
def findings() -> Sequence[Finding]:
    """All findings about all documents."""
    return [finding for document in documents() for finding in lint(document)]


def lint(document: Document) -> Iterator[Finding]:
    """What the linters say of a document."""
    for found in parliament.analyze_policy_string(document.text, ignore_private_auditors=True).findings:
        yield Finding("parliament", document, found.issue, f"{found.detail} at {found.location}")
    if document.kind == "identity":
        policy = PolicyDocument(json.loads(document.text))
        for check in _CLOUDSPLAINING:
            if said := getattr(policy, check):
                yield Finding("cloudsplaining", document, check, json.dumps(said))
