"""The Java classes of this folder, compiled when they are first needed, with the compiler that Spark brings.

Spark's package has Janino, with which it compiles queries; no JDK is needed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

_SOURCES: Final = Path(__file__).parent / "java"
_NEEDED_JARS: Final = ("commons-logging", "hadoop-client", "slf4j-api")
_COMPLETE: Final = ".complete"


def class_folder(cache: Path) -> Path:
    """The folder of the compiled classes, to be put on the JVM's class path before it starts."""
    content = b"".join(source.read_bytes() for source in _source_files())
    folder = cache / hashlib.sha256(content).hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)  # a class path's entry must be there when the JVM starts
    return folder


def compile_classes(folder: Path, gateway: Any, spark_home: Path) -> None:
    """Compile what is not compiled yet.

    Args:
        folder: From `class_folder`.
        gateway: Py4J's, to the JVM that compiles.
        spark_home: Where Spark's jars are.
    """
    if (folder / _COMPLETE).exists():
        return
    jvm = gateway.jvm
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        compiler = jvm.org.codehaus.janino.CompilerFactory().newCompiler()
        compiler.setDestinationDirectory(jvm.java.io.File(str(unfinished)), False)
        jars = [jar for jar in (spark_home / "jars").glob("*.jar") if jar.name.startswith(_NEEDED_JARS)]
        compiler.setClassPath(_file_array(gateway, jars))
        compiler.compile(_file_array(gateway, _source_files()))
        # File by file: another job that compiles at the same time writes the same bytes.
        for compiled in unfinished.rglob("*.class"):
            target = folder / compiled.relative_to(unfinished)
            target.parent.mkdir(parents=True, exist_ok=True)
            compiled.replace(target)
        (folder / _COMPLETE).touch()
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _source_files() -> list[Path]:
    return sorted(_SOURCES.rglob("*.java"))


def _file_array(gateway: Any, paths: list[Path]) -> Any:
    array = gateway.new_array(gateway.jvm.java.io.File, len(paths))
    for index, path in enumerate(paths):
        array[index] = gateway.jvm.java.io.File(str(path))
    return array
