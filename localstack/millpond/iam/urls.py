"""IAM's addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.iam.urls import url_bases

from millpond.iam.responses import IdentityApi

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": IdentityApi.dispatch}
