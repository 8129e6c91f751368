"""Packed code depends on the files' content alone."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from millpond.deploy.archives import AssetError, read_archive, read_asset
from millpond.deploy.values import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE_KEY


def folder_archive(path: str) -> dict[str, Any]:
    return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "path": path}


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "inner").mkdir(parents=True)
    (folder / "b.py").write_text("b = 1\n")
    (folder / "a.py").write_text("a = 1\n")
    (folder / "inner" / "c.py").write_text("c = 1\n")
    return folder


def test_folder_is_packed_in_order_with_fixed_times(code: Path) -> None:
    archive = read_archive(folder_archive("code"), code.parent)
    with zipfile.ZipFile(io.BytesIO(archive.data)) as packed:
        assert packed.namelist() == ["a.py", "b.py", "inner/c.py"]
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_same_content_gives_the_same_bytes_whenever_it_was_written(code: Path) -> None:
    first = read_archive(folder_archive("code"), code.parent)
    os.utime(code / "a.py", (1, 1))
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "a.pyc").write_bytes(b"compiled")
    assert read_archive(folder_archive("code"), code.parent).data == first.data


def test_changed_content_changes_the_digest(code: Path) -> None:
    first = read_archive(folder_archive("code"), code.parent)
    (code / "a.py").write_text("a = 2\n")
    assert read_archive(folder_archive("code"), code.parent) != first


def test_assets_and_folders_are_put_together(code: Path) -> None:
    archive = read_archive(
        {
            SIGNATURE_KEY: ARCHIVE_SIGNATURE,
            "assets": {
                "main.py": {SIGNATURE_KEY: ASSET_SIGNATURE, "text": "import lib.a\n"},
                "config.yaml": {SIGNATURE_KEY: ASSET_SIGNATURE, "path": "code/b.py"},
                "lib": folder_archive("code"),
            },
        },
        code.parent,
    )
    assert entries(archive.data) == {
        "config.yaml": b"b = 1\n",
        "lib/a.py": b"a = 1\n",
        "lib/b.py": b"b = 1\n",
        "lib/inner/c.py": b"c = 1\n",
        "main.py": b"import lib.a\n",
    }


def test_zip_is_taken_as_it_is(code: Path) -> None:
    content = read_archive(folder_archive("code"), code.parent).data
    (code.parent / "ready.zip").write_bytes(content)
    assert read_archive(folder_archive("ready.zip"), code.parent).data == content


def test_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"no file or folder '.*/nothing'"):
        read_archive(folder_archive("nothing"), tmp_path)
    with pytest.raises(AssetError, match=r"nothing\.txt"):
        read_asset({SIGNATURE_KEY: ASSET_SIGNATURE, "path": "nothing.txt"}, tmp_path)


def test_nothing_is_downloaded(tmp_path: Path) -> None:
    remote = {SIGNATURE_KEY: ASSET_SIGNATURE, "uri": "https://example.org/a.txt"}
    with pytest.raises(AssetError, match="is not supported: nothing is downloaded"):
        read_asset(remote, tmp_path)
