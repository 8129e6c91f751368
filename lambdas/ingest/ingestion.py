"""One file's way from landing to raw: fetch, read, check, claim, write, complete."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.checking import CheckedRows, check
from ingest.exceptions import FileRefused
from ingest.ledger import Ledger, LogEntry
from ingest.raw_writer import RawWriter
from ingest.reading import read, require_bearable, uncompressed
from lake.contracts import SourceContract

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef


@dataclass(frozen=True)
class LandedFile:
    """An object of the landing bucket, in the version that its event told of."""

    bucket: str
    key: str
    version_id: str | None = None

    @property
    def folder(self) -> str:
        """The first part of the key: the source's name."""
        return self.key.partition("/")[0] if "/" in self.key else ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Ingestion:
    """Takes files in; one for each warm worker."""

    def __init__(
        self, contracts: Mapping[str, SourceContract], landing: S3Client, writer: RawWriter, ledger: Ledger
    ) -> None:
        self._contracts = contracts
        self._landing = landing
        self._writer = writer
        self._ledger = ledger

    def ingest(self, file: LandedFile) -> LogEntry | None:
        """Take a file in, or refuse it; None if its content is in raw already.

        Everything that can be wrong with the file ends in quarantine or in a refusal. What is raised is
        about AWS or about this function: the file is to be tried again.
        """
        landed = self._open(file)
        delivered_at = landed["LastModified"].astimezone(datetime.UTC).replace(tzinfo=None)
        content = b""
        try:
            require_bearable(landed["ContentLength"])
            content = landed["Body"].read()
            contract = self._contract(file)
            content = uncompressed(content, contract.format.compression)
            checked = check(read(content, contract), contract)
        except FileRefused as refusal:
            source = file.folder if file.folder in self._contracts else None
            return self._ledger.refuse(source, file.folder, str(file), content, refusal.reason, delivered_at)
        return self._load(file, contract, content, delivered_at, checked)

    def _load(
        self,
        file: LandedFile,
        contract: SourceContract,
        content: bytes,
        delivered_at: datetime.datetime,
        checked: CheckedRows,
    ) -> LogEntry | None:
        content_hash = hashlib.sha256(content).hexdigest()
        claim = self._ledger.claim(contract.source, str(file), content_hash, delivered_at)
        if claim is None:
            return None
        self._writer.write(claim, checked)
        return self._ledger.complete(
            claim,
            loaded=checked.rows.num_rows,
            quarantined=len(checked.rejected),
            ignored_fields=checked.ignored_fields,
        )

    def _open(self, file: LandedFile) -> GetObjectOutputTypeDef:
        request: GetObjectRequestTypeDef = {"Bucket": file.bucket, "Key": file.key}
        if file.version_id is not None:
            request["VersionId"] = file.version_id
        return self._landing.get_object(**request)

    def _contract(self, file: LandedFile) -> SourceContract:
        contract = self._contracts.get(file.folder)
        if contract is None:
            known = ", ".join(sorted(self._contracts))
            problem = (
                f"no contract names the source {file.folder!r}" if file.folder else "it lies in no folder"
            )
            raise FileRefused(f"{problem}; the sources are: {known}")
        return contract
