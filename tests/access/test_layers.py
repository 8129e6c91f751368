"""Who decides knows nothing of who reports, reports nothing of the server, the server nothing of clients."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import millpond

PACKAGE = Path(millpond.__file__).parent
LAYERS = ("iam", "access", "server", "client")


def imported(package: str) -> set[str]:
    """The packages of ours that a package's modules import, wherever in a module."""
    found: set[str] = set()
    for module in (PACKAGE / package).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {name.split(".")[1] for name in named if name.startswith("millpond.")}
    return found


@pytest.mark.parametrize("package", LAYERS)
def test_package_imports_nothing_above_it(package: str) -> None:
    above = LAYERS[LAYERS.index(package) + 1 :]
    assert not imported(package) & set(above)


def test_imports_are_found() -> None:
    assert {"access", "iam"} <= imported("server")
