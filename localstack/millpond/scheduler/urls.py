"""Scheduler's addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.scheduler.urls import url_bases
from moto.scheduler.urls import url_paths as _url_paths

from millpond.scheduler.responses import SchedulerApi

__all__ = ["url_bases", "url_paths"]

url_paths = dict.fromkeys(_url_paths, SchedulerApi.dispatch)
