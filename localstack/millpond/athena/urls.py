"""Athena's addresses, as moto's routing reads them."""

from __future__ import annotations

from millpond.athena.responses import AthenaApi

url_bases = [r"https?://athena\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/$": AthenaApi.dispatch}
