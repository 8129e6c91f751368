"""EventBridge's wire format: what moto does not answer."""

from __future__ import annotations

import json
from typing import Any

from moto.events.models import events_backends
from moto.events.responses import EventsHandler

from millpond.events.service import EventBridgeService


class EventBridgeApi(EventsHandler):
    """The operations."""

    def test_event_pattern(self) -> tuple[str, dict[str, Any]]:  # type: ignore[override]  # moto: none
        """Whether a pattern matches an event."""
        matches = self._service.test_pattern(self._get_param("EventPattern"), self._get_param("Event"))
        return json.dumps({"Result": matches}), self.response_headers

    def update_event_bus(self) -> tuple[str, dict[str, Any]]:
        """Change a bus."""
        bus = self._service.update_event_bus(self._get_param("Name") or "default", json.loads(self.body))
        changed = {
            "Arn": bus.arn,
            "Name": bus.name,
            "Description": bus.description,
            "KmsKeyIdentifier": bus.kms_key_identifier,
            "DeadLetterConfig": bus.dead_letter_config,
        }
        answer = {name: value for name, value in changed.items() if value is not None}
        return json.dumps(answer), self.response_headers

    @property
    def _service(self) -> EventBridgeService:
        service = events_backends[self.current_account][self.region]
        assert isinstance(service, EventBridgeService)  # noqa: S101 - install() put the class there
        return service
