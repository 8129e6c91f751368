"""Deploys the Pulumi Python program of a folder, unmodified, without the Pulumi command line.

`Deployment` is the whole interface: open one for a project and a stack, then `up`, `preview`,
`destroy` or read its `outputs`.
"""

from __future__ import annotations

from millpond.deploy.deployment import Deployment
from millpond.deploy.exceptions import DeployError
from millpond.deploy.results import UpResult

__all__ = ["DeployError", "Deployment", "UpResult"]
