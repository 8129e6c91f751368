"""What others changed: the inputs that the cloud has otherwise than they were sent.

Sent and found are compared in the API's own words. Only what was sent is compared, and only where the
service tells it at all: what it adds of its own is no drift. A type that nobody can change in place is
refreshed by its outputs, and by whether it is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.drift import catalog, compute, generic, identity, messages, storage
from millpond.deploy.providers.aws.mapping import properties_of
from millpond.deploy.values import equal

__all__ = ["READERS", "drift"]

READERS = (
    *generic.READERS,
    *storage.READERS,
    *messages.READERS,
    *identity.READERS,
    *compute.READERS,
    *catalog.READERS,
)
"""The first that fits a declaration's class reads what the cloud has of it."""


def drift(declaration: AwsResource, api: Api, id_: str, inputs: Inputs) -> Outputs:
    """The inputs that the cloud has otherwise, as it has them; None for one that it has no more."""
    reader = next((reader for kind, reader in READERS if isinstance(declaration, kind)), None)
    if reader is None:
        return {}
    compared = reader(declaration, api, id_, inputs)
    found: Outputs = {}
    for name, sent in compared.sent.items():
        if name in compared.found and not _agree(sent, compared.found[name]):
            given = compared.properties.get(name, name[:1].lower() + name[1:])
            found[given] = _as_property(compared.found[name], inputs.get(given))
    if compared.tags is not None and compared.tags != inputs.get("tagsAll", {}):
        found["tagsAll"] = dict(compared.tags)
    return found


def _agree(sent: Any, found: Any) -> bool:
    """Whether what a service says is what was sent; it may say more."""
    if isinstance(sent, str) and isinstance(found, Mapping):
        # A document, or a text that the service answers in an object, as Glue does a crawler's schedule.
        return equal(json.loads(sent), found) if sent[:1] in ("{", "[") else sent in found.values()
    if isinstance(sent, Mapping) and isinstance(found, Mapping):
        return all(_agree(item, found.get(name)) for name, item in sent.items())
    if isinstance(sent, list) and isinstance(found, list):
        left = list(found)
        for item in sent:
            match = next((other for other in left if _agree(item, other)), None)
            if match is None:
                return False
            left.remove(match)
        return not left
    if not sent and not found:
        # Nothing is said in many ways: none, an empty text, an empty list.
        return True
    return equal(sent, found) or str(sent).lower() == str(found).lower()


def _as_property(found: Any, sent: Any) -> Any:
    """What was found, in the property's spelling: documents are texts, numbers may have come as texts."""
    if isinstance(sent, str) and isinstance(found, Mapping):
        return json.dumps(found)
    if isinstance(sent, int) and not isinstance(sent, bool) and isinstance(found, str) and found.isdigit():
        return int(found)
    if isinstance(sent, bool) and isinstance(found, str):
        return found == "true"
    return properties_of(found) if isinstance(found, Mapping | list) else found
