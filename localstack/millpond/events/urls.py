"""EventBridge's addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.events.urls import url_bases

from millpond.events.responses import EventBridgeApi

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/": EventBridgeApi.dispatch}
