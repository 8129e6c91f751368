"""Folders that hold some installed packages with all that they need, and nothing else.

A function sees its own code, its layers and the runtime's packages. Those that come from
Millpond's own environment (the runtime's, and AWS's public layers) are linked into a folder of
their own, so that a function that forgot to pack a dependency fails here as it would on AWS.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from millpond.functions.exceptions import DistributionMissing


@dataclass(frozen=True)
class DistributionSet:
    """Packages by their requirement strings (`boto3`, `aws-lambda-powertools[all]`)."""

    requirements: tuple[str, ...]


class DistributionFolders:
    """A folder of links per set of packages, made on first use and kept for the next start."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._known: dict[DistributionSet, Path] = {}
        directory.mkdir(parents=True, exist_ok=True)
        for unfinished in directory.glob(".*"):  # of a process that was killed while it made links
            shutil.rmtree(unfinished, ignore_errors=True)

    def folder(self, packages: DistributionSet) -> Path:
        """A folder for `sys.path`.

        Raises:
            DistributionMissing: One of the packages is not installed.
        """
        with self._lock:
            if packages not in self._known:
                self._known[packages] = self._make(packages)
            return self._known[packages]

    def _make(self, packages: DistributionSet) -> Path:
        links = {}
        for distribution in closure(packages):
            links.update(_top_level(distribution))
        listing = "\n".join([sys.version, *sorted(f"{name} {path}" for name, path in links.items())])
        target = self._directory / hashlib.sha256(listing.encode()).hexdigest()[:32]
        if not target.is_dir():
            unfinished = self._directory / f".{uuid.uuid4().hex}"
            unfinished.mkdir()
            try:
                for name, path in links.items():
                    (unfinished / name).symlink_to(path)
                unfinished.rename(target)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        return target


def closure(packages: DistributionSet) -> list[metadata.Distribution]:
    """The packages and everything that they require on this platform, each once.

    Raises:
        DistributionMissing: A package that is required, not merely by an extra, is not installed.
    """
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), False) for text in packages.requirements]
    while waiting:
        requirement, optional = waiting.pop()
        try:
            distribution = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            if optional:
                continue
            raise DistributionMissing(requirement.name) from None
        name = distribution.metadata["Name"].lower().replace("_", "-")
        found[name] = distribution
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [(needed, optional or bool(extra)) for needed in _required(distribution, extra)]
    return list(found.values())


def _required(distribution: metadata.Distribution, extra: str) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        requirement = Requirement(text)
        unconditional = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if extra:
            wanted = requirement.marker is not None and requirement.marker.evaluate({"extra": extra})
            if wanted and not unconditional:
                yield requirement
        elif unconditional:
            yield requirement


def _top_level(distribution: metadata.Distribution) -> dict[str, Path]:
    """The files and folders right under site-packages that a package brought."""
    links = {}
    for file in distribution.files or ():
        name = file.parts[0]
        if name not in ("..", "__pycache__") and not name.endswith(".pth"):
            links[name] = Path(str(distribution.locate_file(name)))
    return links
