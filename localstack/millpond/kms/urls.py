"""KMS's addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.kms.urls import url_bases

from millpond.kms.responses import KeyApi

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": KeyApi.dispatch}
