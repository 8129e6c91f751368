"""The addresses of budgets, as moto's routing reads them."""

from __future__ import annotations

from moto.budgets.urls import url_bases

from millpond.budgets.responses import BudgetApi

__all__ = ["url_bases", "url_paths"]

url_paths = {"{0}/$": BudgetApi.dispatch}
