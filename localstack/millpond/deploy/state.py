"""The state file of a stack: what this engine made, and what it was doing when it was last heard of.

Every change is on disk before the engine goes on: an operation is noted before it starts and struck off
in the same write that records its result. A killed run leaves at most operations that are noted and not
struck off; the next run asks the cloud how they ended (`engine.settle`).
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from millpond.deploy.exceptions import StateLocked, StateUnreadable
from millpond.deploy.passphrase import Cipher
from millpond.deploy.resource import ResourceState
from millpond.deploy.snapshot import VERSION, Pending, Snapshot, SnapshotWriter

_OWNER_ONLY: Final = 0o600


class StateFile:
    """The file of one stack, and the lock beside it. Safe to use from several threads."""

    def __init__(self, directory: Path, stack: str, cipher: Cipher | None = None) -> None:
        self._stack = stack
        self._cipher = cipher or Cipher(None, directory / f"{stack}.json")
        self._path = directory / f"{stack}.json"
        self._lock_path = directory / f"{stack}.lock"
        self._mutex = threading.RLock()
        self._loaded: Snapshot | None = None
        self._writer = SnapshotWriter(self._cipher.seal)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the stack against other processes; refused at once if one has it."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise StateLocked(self._stack, file.read().strip() or "of unknown process") from None
            file.truncate(0)
            file.write(f"process {os.getpid()}")
            file.flush()
            self._loaded = self._load()
            yield

    @property
    def _snapshot(self) -> Snapshot:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    @property
    def outputs(self) -> tuple[Mapping[str, Any], frozenset[str]]:
        """The stack's exports and the names of the secret ones."""
        return self._snapshot.outputs, self._snapshot.secret_outputs

    def resources(self) -> dict[str, ResourceState]:
        """The resources by URN, in the order in which they were first made."""
        with self._mutex:
            return dict(self._snapshot.resources)

    def doomed(self) -> list[ResourceState]:
        """Replaced resources that are still to be deleted."""
        with self._mutex:
            return list(self._snapshot.doomed)

    def pending(self) -> list[Pending]:
        """Operations that an earlier run started and did not end."""
        with self._mutex:
            return list(self._snapshot.pending)

    def begin(self, pending: Pending) -> None:
        """Note an operation before it starts."""
        with self._mutex:
            self._snapshot.pending.append(pending)
            self._write()

    def abandon(self, pending: Pending) -> None:
        """An operation failed and changed nothing."""
        with self._mutex:
            self._snapshot.pending.remove(pending)
            self._write()

    def put(
        self, resource: ResourceState, ended: Pending | None = None, replaced: ResourceState | None = None
    ) -> None:
        """Record a resource and the end of the operation that made it so.

        What it replaced is kept in mind, in the same write, until it is deleted.
        """
        with self._mutex:
            if replaced is not None:
                self._snapshot.resources.pop(replaced.urn, None)
                self._snapshot.doomed.append(replace(replaced, doomed=True))
            self._snapshot.resources[resource.urn] = resource
            self._strike(ended)
            self._write()

    def rename(self, old_urn: str, urn: str) -> None:
        """A resource is called by another name now; its place in the order stays, others follow."""
        with self._mutex:
            renamed = [item.renamed(old_urn, urn) for item in self._snapshot.resources.values()]
            self._snapshot.resources = {item.urn: item for item in renamed}
            self._write()

    def remove(self, resources: Iterable[ResourceState], ended: Pending | None = None) -> None:
        """Forget resources that are no longer there."""
        with self._mutex:
            for resource in resources:
                if resource.doomed:
                    self._snapshot.doomed.remove(resource)
                else:
                    self._snapshot.resources.pop(resource.urn, None)
            self._strike(ended)
            self._write()

    def restate(self, changed: Iterable[ResourceState], gone: Iterable[ResourceState]) -> None:
        """Record how the cloud has resources, and forget those that it has not; nothing if nothing is."""
        with self._mutex:
            before = dict(self._snapshot.resources)
            for resource in changed:
                self._snapshot.resources[resource.urn] = resource
            for resource in gone:
                self._snapshot.resources.pop(resource.urn, None)
            if self._snapshot.resources != before:
                self._write()

    def put_outputs(self, outputs: Mapping[str, Any], secret_outputs: frozenset[str]) -> None:
        """Record the stack's exports."""
        with self._mutex:
            self._snapshot.outputs = outputs
            self._snapshot.secret_outputs = secret_outputs
            self._write()

    def to_json(self) -> dict[str, Any]:
        """The file's content, as it is."""
        with self._mutex:
            return self._snapshot.to_json(self._cipher.seal)

    def replace_all(self, document: Mapping[str, Any]) -> int:
        """Put another state, as `to_json` gives it, in place of this one; returns its resources' number."""
        with self._mutex:
            self._loaded = self._parse(document)
            self._write()
            return len(self._snapshot.resources)

    def _strike(self, ended: Pending | None) -> None:
        if ended is not None:
            self._snapshot.pending.remove(ended)

    def _load(self) -> Snapshot:
        try:
            raw = json.loads(self._path.read_text())
        except FileNotFoundError:
            return Snapshot()
        except ValueError as error:
            raise StateUnreadable(self._path, str(error)) from error
        return self._parse(raw)

    def _parse(self, raw: Any) -> Snapshot:
        if not isinstance(raw, Mapping):
            raise StateUnreadable(self._path, "it is no JSON object")
        if raw.get("version") != VERSION:
            raise StateUnreadable(self._path, f"its version is {raw.get('version')}, not {VERSION}")
        try:
            return Snapshot.from_json(raw, self._cipher.unseal)
        except (KeyError, TypeError, AttributeError) as error:
            raise StateUnreadable(self._path, f"it is not of the right form ({error!r})") from error

    def _write(self) -> None:
        temporary = self._path.with_suffix(".json.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._writer.text(self._snapshot))
        temporary.replace(self._path)
