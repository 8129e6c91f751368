"""EventBridge: moto's buses, which can also be changed."""

from millpond.events.service import EventBridgeService, install

__all__ = ["EventBridgeService", "install"]
