"""PyIceberg's files as objects of the same process: metadata and manifests never cross HTTP."""

from __future__ import annotations

from io import SEEK_SET
from pathlib import Path
from types import TracebackType
from typing import IO

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from millpond.s3 import ObjectStorage, S3Location
from millpond.s3.exceptions import ObjectNotFound


class ObjectStorageFileIO(FileIO):
    """Reads and writes `s3://` locations in an `ObjectStorage`."""

    def __init__(self, storage: ObjectStorage) -> None:
        super().__init__()
        self._storage = storage

    def new_input(self, location: str) -> InputFile:
        """The object at a location."""
        return _ObjectInput(self._storage, location)

    def new_output(self, location: str) -> OutputFile:
        """An object to be written at a location."""
        return _ObjectOutput(self._storage, location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete an object; one that does not exist is no error in S3."""
        uri = location if isinstance(location, str) else location.location
        self._storage.delete([S3Location.parse(uri)])


class _ObjectInput(InputFile):
    def __init__(self, storage: ObjectStorage, location: str) -> None:
        super().__init__(location)
        self._storage = storage

    def __len__(self) -> int:
        return self._storage.get(S3Location.parse(self.location)).size

    def exists(self) -> bool:
        try:
            self._storage.get(S3Location.parse(self.location))
        except ObjectNotFound:
            return False
        return True

    def open(self, seekable: bool = True) -> InputStream:
        try:
            handle = self._storage.get(S3Location.parse(self.location))
        except ObjectNotFound as error:
            raise FileNotFoundError(str(error)) from None
        # An open file outlives its name, so the handle need not be kept.
        return handle.path.open("rb")


class _ObjectOutput(OutputFile):
    def __init__(self, storage: ObjectStorage, location: str) -> None:
        super().__init__(location)
        self._storage = storage

    def __len__(self) -> int:
        return len(self.to_input_file())

    def exists(self) -> bool:
        return self.to_input_file().exists()

    def to_input_file(self) -> InputFile:
        return _ObjectInput(self._storage, self.location)

    def create(self, overwrite: bool = False) -> OutputStream:
        if not overwrite and self.exists():
            raise FileExistsError(f"Cannot create file, already exists: {self.location}")
        return _ObjectStream(self._storage, S3Location.parse(self.location))


class _ObjectStream:
    """A file in the staging folder that becomes the object when it is closed without an error."""

    def __init__(self, storage: ObjectStorage, location: S3Location) -> None:
        self._storage = storage
        self._location = location
        self._path: Path = storage.new_staging_path()
        self._file: IO[bytes] = self._path.open("wb")

    def write(self, b: bytes) -> int:
        return self._file.write(b)

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def close(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._storage.put(self._location, self._path)

    def __enter__(self) -> _ObjectStream:
        return self

    def __exit__(
        self,
        exctype: type[BaseException] | None,
        excinst: BaseException | None,
        exctb: TracebackType | None,
    ) -> None:
        if excinst is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
        self.close()
