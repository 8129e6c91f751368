"""EventBridge: buses whose rules deliver what they match, and schedules that come due.

PutEvents ─→ entries ─→ rules (patterns) ─→ inputs ─→ outbox (retries, dead letters) ─→ targets
clock ───────────────────┘
"""

from millpond.events.runtime import EventsRuntime
from millpond.events.service import EventBridgeService, install

__all__ = ["EventBridgeService", "EventsRuntime", "install"]
