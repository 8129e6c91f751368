"""Types whose API has one operation each for making, reading, changing and removing: tables, no code.

A declaration names the operations, says which parameters point at the resource, and where in the
answers the id and the outputs are (as JMESPath). What differs is overridden, one method at a time.
"""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import jmespath

from millpond.deploy.exceptions import CloudError
from millpond.deploy.providers.aws.api import Api, call, pages_of, unless_missing
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.mapping import Renames, parameters, properties_of
from millpond.deploy.providers.aws.tagging import Tagging

ID: Final = "id"
"""In a table of parameters: the resource's id, where others name a property."""

OWN_CALLS: Final = "-"
"""In place of an operation: the declaration makes calls of its own."""

_POLL_SECONDS: Final = 0.2
_LONGEST_WAIT: Final = 600.0


@dataclass(frozen=True)
class Operations:
    """The API's names; without one that changes, every property replaces."""

    create: str
    read: str
    delete: str
    update: str = ""


@dataclass(frozen=True)
class Lookup:
    """How to find one whose creation may have succeeded, when its id does not follow from its inputs.

    Attributes:
        operation: The operation that lists them.
        items: Where in the answer they are.
        match: Where in an item a property is.
        id: Where in an item the id is.
        given: Parameters of the operation, and the properties that they are taken from.
    """

    operation: str
    items: str
    match: Mapping[str, str]
    id: str
    given: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Settling:
    """Where the answer of a read has the state, and which states end the wait."""

    path: str
    settled: frozenset[str] = frozenset({"ACTIVE"})
    gone: frozenset[str] = frozenset({"DELETED"})
    failed: frozenset[str] = frozenset({"FAILED", "CREATING_FAILED"})


class CrudResource(AwsResource):
    """A resource whose declaration is a table."""

    service: ClassVar[str]
    operations: ClassVar[Operations]
    key: ClassVar[Mapping[str, str]]
    """The parameters that point at it in all but the first operation, and the properties they are."""
    id_format: ClassVar[str] = "{name}"
    """The id, when it follows from the inputs."""
    id_path: ClassVar[str] = ""
    """Where in the first operation's answer the id is, when it does not."""
    lookup: ClassVar[Lookup | None] = None
    outputs: ClassVar[Mapping[str, str]] = {}
    """Outputs that the program did not give, and where in the answer of a read they are.

    What a service leaves out where it has nothing, the provider tells as empty: `A.B || ''`.
    """
    arn: ClassVar[str] = ""
    """What follows the account in the ARN, of inputs and `id`, where no answer has it."""
    unsent: ClassVar[frozenset[str]] = frozenset()
    """Inputs that the engine acts on; the API does not know them."""
    renames: ClassVar[Renames] = {}
    settling: ClassVar[Settling | None] = None
    tagging: ClassVar[Tagging] = Tagging()
    tags_on_create: ClassVar[bool] = True

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        """The properties as the API nests them."""
        return {name: inputs[name] for name in (self.properties - self.unsent) & inputs.keys()}

    def changed(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        """The properties that an update sets, as the API nests them."""
        given = self.request(api, inputs)
        return {name: value for name, value in given.items() if name not in self.replaces}

    def create(self, api: Api, inputs: Inputs) -> str:
        client = api.client(self.service)
        given = self.request(api, inputs)
        if self.tagged and self.tags_on_create and inputs["tagsAll"]:
            given["tags"] = inputs["tagsAll"]
        answer = call(
            client, self.operations.create, parameters(client, self.operations.create, given, self.renames)
        )
        return str(_at(self.id_path, answer)) if self.id_path else self._formatted(api, inputs)

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self.await_settled(api, id_, inputs)
        if self.tagged and not self.tags_on_create:
            self.retag(api, id_, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        answer = self.answer(api, id_, inputs)
        if self.settling and _at(self.settling.path, answer) in self.settling.gone:
            return None
        # What the program gave it knows already, in its own spelling.
        asked = {name: path for name, path in self.outputs.items() if name not in inputs}
        found = {name: properties_of(_at(path, answer)) for name, path in asked.items()}
        if self.arn:
            found["arn"] = api.arn(self.service, self.arn.format(**{**inputs, ID: id_}))
        return {name: value for name, value in found.items() if value is not None}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        if self.operations.update:
            self.change(api, id_, old, new)
        self.await_settled(api, id_, new)
        if self.tagged:
            self.retag(api, id_, old, new)

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        """Set everything that does not replace."""
        client, operation = api.client(self.service), self.operations.update
        request = parameters(client, operation, self.changed(api, new), self.renames)
        call(client, operation, {**request, **self.pointing(id_, new)})

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        call(api.client(self.service), self.operations.delete, self.pointing(id_, inputs))
        self.await_gone(api, id_, inputs)

    def await_settled(self, api: Api, id_: str, inputs: Inputs) -> None:
        """Wait until one that is being made or changed can be used."""
        if self.settling:
            self._await(api, id_, inputs, self.settling, self.settling.settled)

    def await_gone(self, api: Api, id_: str, inputs: Inputs) -> None:
        """Wait until one that is being deleted is no longer there."""
        if self.settling:
            self._await(api, id_, inputs, self.settling, self.settling.gone)

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        if self.lookup is None:
            return None if self.id_path else super().find(api, inputs, since)
        return next(iter(self.find_all(api, inputs, since)), None)

    def find_all(self, api: Api, inputs: Inputs, since: float) -> Iterable[str]:
        if self.lookup is None:
            return super().find_all(api, inputs, since)
        look, client = self.lookup, api.client(self.service)
        given = {name: inputs[source] for name, source in (look.given or {}).items()}
        # What a service has nothing of it leaves out, where the program may say that it is empty.
        return [
            str(_at(look.id, item))
            for page in pages_of(client, look.operation, given)
            for item in _at(look.items, page) or ()
            if all((_at(path, item) or "") == inputs.get(name, "") for name, path in look.match.items())
        ]

    def id_of(self, api: Api, inputs: Inputs) -> str | None:
        return None if self.id_path else self._formatted(api, inputs)

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        """What the API says of it."""
        return call(api.client(self.service), self.operations.read, self.pointing(id_, inputs))

    def pointing(self, id_: str, inputs: Inputs) -> dict[str, Any]:
        """The parameters that point at it."""
        known = {**inputs, ID: id_}
        return {name: known[source] for name, source in self.key.items() if source in known}

    def retag(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        """Set the tags."""
        if old.get("tagsAll", {}) == new["tagsAll"]:
            return
        known = {**new, **(self.read(api, id_, new) or {}), ID: id_}
        client, resource = api.client(self.service), str(known[self.tagging.by])
        self.tagging.apply(client, resource, old.get("tagsAll"), new["tagsAll"])

    def _formatted(self, api: Api, inputs: Inputs) -> str:
        return self.id_format.format(**{"account": api.account, "region": api.region, **inputs})

    def _await(self, api: Api, id_: str, inputs: Inputs, settling: Settling, wanted: frozenset[str]) -> None:
        """Wait until the state is a wanted one; one that is gone was wanted to be."""
        end = time.monotonic() + _LONGEST_WAIT
        while True:
            if wanted is settling.gone and self._is_missing(api, id_, inputs):
                return
            state = _at(settling.path, self.answer(api, id_, inputs))
            if state in wanted:
                return
            if state in settling.failed or time.monotonic() > end:
                raise CloudError(f"it is {state}, not {' or '.join(sorted(wanted))}")
            time.sleep(_POLL_SECONDS)

    def _is_missing(self, api: Api, id_: str, inputs: Inputs) -> bool:
        return unless_missing(lambda: self.read(api, id_, inputs)) is None


def _at(path: str, answer: Any) -> Any:
    return jmespath.search(path, answer)
