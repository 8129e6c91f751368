"""Types whose declarations are tables: what was sent follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from millpond.deploy.providers.aws.api import Api, call
from millpond.deploy.providers.aws.crud import CrudResource
from millpond.deploy.providers.aws.declaration import Inputs
from millpond.deploy.providers.aws.drift.compared import Compared, Reader
from millpond.deploy.providers.aws.mapping import parameters
from millpond.deploy.providers.aws.modelled import ModelledResource


def _crud(declaration: CrudResource, api: Api, id_: str, inputs: Inputs) -> Compared:
    client = api.client(declaration.service)
    request = declaration.request(api, inputs)
    sent = parameters(client, declaration.operations.create, request, declaration.renames)
    found = _unwrapped(declaration.answer(api, id_, inputs), sent)
    return Compared(sent, found, declaration.renames)


def _modelled(declaration: ModelledResource, api: Api, id_: str, inputs: Inputs) -> Compared:
    client, noun = api.client(declaration.service), declaration.noun
    sent = parameters(client, f"Create{noun}", declaration.request(inputs), declaration.renames)
    found = call(client, f"Get{noun}", {declaration.name_parameter: id_})
    return Compared(sent, _unwrapped(found, sent), declaration.renames)


def _unwrapped(answer: Mapping[str, Any], sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object in an answer that the request was about: the one that has most of its parameters."""
    inner = [
        item for name, item in answer.items() if isinstance(item, Mapping) and name != "ResponseMetadata"
    ]
    return max([answer, *inner], key=lambda item: len(item.keys() & sent.keys()))


READERS: Final[tuple[Reader, ...]] = ((CrudResource, _crud), (ModelledResource, _modelled))
