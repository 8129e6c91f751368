"""Kinesis's addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.kinesis.urls import url_bases

from millpond.kinesis.responses import StreamApi

__all__ = ["StreamApi", "url_bases", "url_paths"]

url_paths = {"{0}/$": StreamApi.dispatch}
