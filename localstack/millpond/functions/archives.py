"""Deployment packages and layers: zip archives, unpacked once per content."""

from __future__ import annotations

import io
import shutil
import stat
import threading
import uuid
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from millpond.functions.exceptions import InvalidParameterValue

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNZIPPED_BYTES = 262_144_000


@dataclass(frozen=True)
class ZipArchive:
    """A zip file and the SHA-256 of its content in hexadecimal, which alone makes two of them equal."""

    digest: str
    content: bytes = field(repr=False, compare=False)

    def check(self) -> int:
        """The size of what is inside, in bytes.

        Raises:
            InvalidParameterValue: It is no zip file, or larger than Lambda takes.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile:
            raise InvalidParameterValue(
                "Could not unzip uploaded file. Please check your file, then try to upload again."
            ) from None
        if size >= MAX_UNZIPPED_BYTES:
            raise InvalidParameterValue(f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes")
        return size


class ArchiveFolders:
    """A folder per archive under `directory`, complete from the moment that it is there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)
        for unfinished in directory.glob(".*"):  # of a process that was killed while it unpacked
            shutil.rmtree(unfinished, ignore_errors=True)

    def folder(self, archive: ZipArchive) -> Path:
        """Where the archive's files lie; unpacks them if nobody has done so before."""
        target = self._directory / archive.digest
        with self._lock:
            if not target.is_dir():
                unfinished = self._directory / f".{uuid.uuid4().hex}"
                try:
                    _unpack(archive, unfinished)
                    unfinished.rename(target)
                finally:
                    shutil.rmtree(unfinished, ignore_errors=True)
        return target


def _unpack(archive: ZipArchive, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive.content)) as source:
        folder.mkdir()
        for entry in source.infolist():
            path = Path(source.extract(entry, folder))
            # zipfile drops the permissions; Lambda keeps them, and scripts need theirs.
            executable = (entry.external_attr >> 16) & 0o111
            if executable and not entry.is_dir():
                path.chmod(stat.S_IMODE(path.stat().st_mode) | executable)
