"""EventBridge of one account and region."""

from __future__ import annotations

from typing import Any

import moto.events.models
from moto.core.utils import unix_time
from moto.events.models import EventBus, EventsBackend


class EventBridgeService(EventsBackend):
    """moto's, with buses that can be changed."""

    @property
    def _url_module(self) -> Any:
        from millpond.events import urls

        return urls

    def update_event_bus(self, name: str, changes: dict[str, Any]) -> EventBus:
        """UpdateEventBus: what is given is set, the rest stays.

        Raises:
            ResourceNotFoundException: There is no such bus.
        """
        bus: EventBus = self.describe_event_bus(name)
        for parameter, attribute in _CHANGEABLE.items():
            if parameter in changes:
                setattr(bus, attribute, changes[parameter] or None)
        bus.last_modified_time = unix_time()
        return bus


_CHANGEABLE = {
    "DeadLetterConfig": "dead_letter_config",
    "Description": "description",
    "KmsKeyIdentifier": "kms_key_identifier",
}


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    moto.events.models.events_backends.backend = EventBridgeService
