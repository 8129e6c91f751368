"""EventBridge's wire format: what moto does not answer."""

from __future__ import annotations

import json
from typing import Any

from moto.events.models import events_backends
from moto.events.responses import EventsHandler

from millpond.events.exceptions import InvalidParameter
from millpond.events.service import EventBridgeService
from millpond.request_constraints import told, violations


class EventBridgeApi(EventsHandler):
    """The operations, each held against EventBridge's own model."""

    def call_action(self) -> Any:
        """Refuse members that the model does not allow."""
        operation = self._get_action()
        if found := violations("events", operation, json.loads(self.body or "{}")) if operation else ():
            error = InvalidParameter(told(found))
            return error.code, {"Content-Type": "application/x-amz-json-1.1"}, error.description
        return super().call_action()

    def put_events(self) -> str:
        """Take events of the caller's own."""
        entries = self._service.put_custom_events(self._get_param("Entries"))
        failed = sum("ErrorCode" in entry for entry in entries)
        return json.dumps({"FailedEntryCount": failed, "Entries": entries})

    def create_event_bus(self) -> tuple[str, dict[str, Any]]:
        """Make a bus."""
        answer, headers = super().create_event_bus()
        if description := self._get_param("Description"):
            answer = json.dumps(json.loads(answer) | {"Description": description})
        return answer, headers

    def list_event_buses(self) -> tuple[str, dict[str, Any]]:
        """The buses, with what moto leaves out of this list."""
        answer, headers = super().list_event_buses()
        listed = json.loads(answer)
        for entry in listed["EventBuses"]:
            bus = self._service.event_buses[entry["Name"]]
            entry |= {"CreationTime": bus.creation_time, "LastModifiedTime": bus.last_modified_time}
            if bus.description:
                entry["Description"] = bus.description
        return json.dumps(listed), headers

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
