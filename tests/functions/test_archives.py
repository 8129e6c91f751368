"""What becomes of a zip file on its way into an environment."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from function_factory import zip_of
from millpond.functions.archives import MAX_UNZIPPED_BYTES, ArchiveFolders, ZipArchive
from millpond.functions.distributions import DistributionFolders, DistributionSet, closure
from millpond.functions.exceptions import DistributionMissing, InvalidParameterValue


def archive(content: bytes) -> ZipArchive:
    return ZipArchive(hashlib.sha256(content).hexdigest(), content)


def test_archive_is_unpacked_once(tmp_path: Path) -> None:
    folders = ArchiveFolders(tmp_path)
    packed = archive(zip_of({"app.py": "", "shop/data.txt": "hello"}))
    folder = folders.folder(packed)
    assert (folder / "shop" / "data.txt").read_text() == "hello"
    (folder / "mark").touch()
    assert (folders.folder(packed) / "mark").exists()


def test_scripts_stay_executable(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        entry = zipfile.ZipInfo("run.sh")
        entry.external_attr = 0o755 << 16
        file.writestr(entry, "#!/bin/sh\n")
    folder = ArchiveFolders(tmp_path).folder(archive(content.getvalue()))
    assert (folder / "run.sh").stat().st_mode & 0o111


def test_nothing_is_written_outside_of_the_folder(tmp_path: Path) -> None:
    ArchiveFolders(tmp_path / "code").folder(archive(zip_of({"../../outside.py": ""})))
    assert list(tmp_path.glob("*")) == [tmp_path / "code"]


def test_what_a_killed_process_left_unpacked_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".unfinished").mkdir()
    ArchiveFolders(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_archive_that_is_too_large_unpacked_is_refused() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file, file.open("zeros", "w") as zeros:
        for _ in range(MAX_UNZIPPED_BYTES // 2**20 + 1):
            zeros.write(bytes(2**20))
    with pytest.raises(InvalidParameterValue, match="Unzipped size must be smaller"):
        archive(content.getvalue()).check()


def test_folder_of_packages_holds_what_they_need_and_nothing_else(tmp_path: Path) -> None:
    folder = DistributionFolders(tmp_path).folder(DistributionSet(("boto3",)))
    names = {path.name for path in folder.iterdir()}
    assert {"boto3", "botocore", "dateutil", "jmespath", "six.py"} <= names
    assert not {"moto", "duckdb", "pandas", "millpond"} & names


def test_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(DistributionMissing, match="no-such-package"):
        closure(DistributionSet(("no-such-package",)))
