"""The archives of the functions: exactly what runs, the same bytes from every checkout."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pulumi

from lake.contracts import SourceContract

_LAMBDAS = Path(__file__).resolve().parent.parent / "lambdas"
_SHARED_PACKAGE = "lake"


def function_archive(function: str, contracts: Iterable[SourceContract]) -> pulumi.AssetArchive:
    """A function's folder, the shared package, and the contracts as JSON; libraries come from layers."""
    files: dict[str, pulumi.Asset | pulumi.Archive] = {}
    for package in (function, _SHARED_PACKAGE):
        for path in sorted((_LAMBDAS / package).rglob("*.py")):
            if path.name != "__main__.py":
                files[path.relative_to(_LAMBDAS).as_posix()] = pulumi.FileAsset(str(path))
    for contract in contracts:
        document = json.dumps(contract.document(), indent=1, ensure_ascii=False)
        files[f"contracts/{contract.source}.json"] = pulumi.StringAsset(document)
    return pulumi.AssetArchive(files)
