"""What EventBridge and Scheduler share in one cloud: the clock, the clients and the outbox."""

from __future__ import annotations

from collections.abc import Mapping

from millpond.events.outbox import Outbox
from millpond.events.targets import Targets
from millpond.role_clients import RoleClients
from millpond.schedules import Clock


class EventsRuntime:
    """Delivers events, and knows when scheduled ones are due.

    Args:
        endpoint_url: This cloud's.
        other_endpoints: Where the services answer that this cloud leaves to others.
    """

    def __init__(self, endpoint_url: str, other_endpoints: Mapping[str, str]) -> None:
        self.clock = Clock()
        self.clients = RoleClients(endpoint_url, other_endpoints)
        self.outbox = Outbox(Targets(self.clients), self.clock)

    def shutdown(self) -> None:
        """Deliver nothing any more."""
        self.clock.shutdown()
        self.outbox.shutdown()
