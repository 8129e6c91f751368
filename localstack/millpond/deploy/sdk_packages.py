"""Which packages of the provider's SDK a program will need, told from its text before it runs.

Importing them is most of what the first run of a program costs. A package that is missed here is imported
when the program comes to it; one that is named but never used costs its import, nothing else.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from millpond.deploy.project import Project

_SDK: Final = "pulumi_aws"
_ATTRIBUTE: Final = re.compile(r"\b(?:pulumi_)?aws\.([a-z]\w*)")
_IMPORTED: Final = re.compile(r"\bfrom pulumi_aws import \(?([\w\s,]+)")
_WORD: Final = re.compile(r"\w+")
_NOT_THE_PROGRAM: Final = frozenset({"__pycache__", "node_modules", "site-packages"})


def packages_named(project: Project) -> list[str]:
    """The packages that the program's files name, such as `pulumi_aws.s3`; the largest comes last."""
    sdk = importlib.util.find_spec(_SDK)
    if sdk is None or sdk.origin is None:
        return []
    texts = (path.read_text(errors="replace") for path in _files(project))
    names = {name for text in texts if _SDK in text for name in _names(text)}
    modules = {name: _modules_in(Path(sdk.origin).with_name(name)) for name in names}
    return [f"{_SDK}.{name}" for name in sorted(names, key=modules.__getitem__) if modules[name]]


def _modules_in(package: Path) -> int:
    return sum(1 for _ in package.glob("*.py"))


def _names(text: str) -> Iterator[str]:
    yield from _ATTRIBUTE.findall(text)
    for names in _IMPORTED.findall(text):
        yield from _WORD.findall(names)


def _files(project: Project) -> Iterator[Path]:
    """The Python files below the program's folder, without those of environments and hidden folders."""
    if not project.program.is_dir():
        yield project.program
        return
    for folder, inner, names in os.walk(project.program):
        inner[:] = [
            name
            for name in inner
            if not name.startswith(".")
            and name not in _NOT_THE_PROGRAM
            and not Path(folder, name, "pyvenv.cfg").exists()
        ]
        yield from (Path(folder, name) for name in names if name.endswith(".py"))
