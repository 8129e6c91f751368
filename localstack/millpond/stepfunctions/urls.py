"""Step Functions' addresses, as moto's routing reads them."""

from __future__ import annotations

from moto.stepfunctions.urls import url_bases

from millpond.stepfunctions.responses import StateMachineApi

__all__ = ["StateMachineApi", "url_bases", "url_paths"]

url_paths = {"{0}/$": StateMachineApi.dispatch}
