"""Lake Formation's addresses: moto's, with our operations behind them."""

from __future__ import annotations

from moto.lakeformation.urls import url_bases
from moto.lakeformation.urls import url_paths as moto_url_paths

from millpond.lakeformation.responses import LakeFormationApi

__all__ = ["url_bases", "url_paths"]

url_paths = dict.fromkeys([*moto_url_paths, "{0}/UpdateResource$"], LakeFormationApi.dispatch)
