"""The `awsglue` package as jobs import it: our own, to the behaviour of AWS's public one.

A Python shell job has `awsglue.utils`; everything else needs PySpark, and a Spark job.
"""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """`from awsglue import DynamicFrame`, which a Python shell must not pay for."""
    if name in ("DynamicFrame", "DynamicFrameCollection"):
        return getattr(importlib.import_module("awsglue.dynamicframe"), name)
    raise AttributeError(f"module 'awsglue' has no attribute {name!r}")
