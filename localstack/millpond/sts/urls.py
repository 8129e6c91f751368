"""STS's addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.sts.urls import url_bases

from millpond.sts.responses import SecurityTokenApi

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": SecurityTokenApi.dispatch}
