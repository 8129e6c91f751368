"""Deploys the Pulumi Python program of a folder, unmodified, without the Pulumi command line.

`Deployment` is the whole interface: open one for a project and a stack, then `up`, `preview`,
`destroy` or read its `outputs`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millpond.deploy.deployment import Deployment
    from millpond.deploy.exceptions import DeployError
    from millpond.deploy.results import UpResult

__all__ = ["DeployError", "Deployment", "UpResult"]

_MODULES = {"DeployError": "exceptions", "Deployment": "deployment", "UpResult": "results"}


def __getattr__(name: str) -> Any:
    """Import what is asked for, only then: a program's process is started before the engine is loaded."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
