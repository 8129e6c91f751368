"""Assets and archives as bytes that depend on their content alone.

The same files give the same zip on every machine and at every hour: entries are sorted, carry one
fixed time and one mode. What changes the digest is a change that the function would see.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from millpond.deploy.exceptions import DeployError
from millpond.deploy.values import ARCHIVE_SIGNATURE, SIGNATURE_KEY, Blob

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_FILE_MODE: Final = 0o100644 << 16
_EXECUTABLE_MODE: Final = 0o100755 << 16
_LEFT_OUT: Final = frozenset({"__pycache__", ".DS_Store"})


class AssetError(DeployError):
    """A file or folder that the program packs cannot be read."""


def read_asset(raw: Mapping[str, Any], directory: Path) -> Blob:
    """The bytes of `FileAsset` or `StringAsset`."""
    if "text" in raw:
        content = str(raw["text"]).encode()
    elif "path" in raw:
        content = _read(directory / raw["path"])
    else:
        raise AssetError(f"a remote asset ({raw.get('uri')}) is not supported: nothing is downloaded")
    return _blob("asset", content)


def read_archive(raw: Mapping[str, Any], directory: Path) -> Blob:
    """The zip of `FileArchive` (a folder, or a zip that is taken as it is) or `AssetArchive`."""
    path = directory / raw["path"] if "path" in raw else None
    if path is not None and path.is_file():
        return _blob("archive", _read(path))
    return _blob("archive", _zip(dict(_entries(raw, directory))))


def _entries(raw: Mapping[str, Any], directory: Path) -> Iterator[tuple[str, tuple[bytes, bool]]]:
    if "assets" in raw:
        for name, item in raw["assets"].items():
            if item[SIGNATURE_KEY] == ARCHIVE_SIGNATURE:
                for inner, entry in _entries(item, directory):
                    yield str(PurePosixPath(name, inner)), entry
            else:
                yield name, (read_asset(item, directory).data, False)
    elif "path" in raw:
        yield from _folder(directory / raw["path"])
    else:
        raise AssetError(f"a remote archive ({raw.get('uri')}) is not supported: nothing is downloaded")


def _folder(folder: Path) -> Iterator[tuple[str, tuple[bytes, bool]]]:
    if folder.is_file():
        with zipfile.ZipFile(folder) as packed:
            for info in packed.infolist():
                if not info.is_dir():
                    yield info.filename, (packed.read(info), bool(info.external_attr >> 16 & 0o100))
        return
    if not folder.is_dir():
        raise AssetError(f"there is no file or folder '{folder}' to pack")
    for file in folder.rglob("*"):
        inner = file.relative_to(folder)
        if file.is_file() and not _LEFT_OUT.intersection(inner.parts):
            yield inner.as_posix(), (file.read_bytes(), bool(file.stat().st_mode & 0o100))


def _zip(entries: Mapping[str, tuple[bytes, bool]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(entries):
            content, executable = entries[name]
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr = _EXECUTABLE_MODE if executable else _FILE_MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, content)
    return buffer.getvalue()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AssetError(f"the file '{path}' cannot be read: {error.strerror}") from error


def _blob(kind: str, content: bytes) -> Blob:
    return Blob(kind, hashlib.sha256(content).hexdigest(), content)
