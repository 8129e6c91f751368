"""Glue's addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.glue import urls as moto_urls

from millpond.glue.responses import GlueApi

url_bases = moto_urls.url_bases

url_paths = {"{0}/$": GlueApi.dispatch}
