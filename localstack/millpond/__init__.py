"""Millpond: an AWS cloud for lakehouses that runs in one process on a laptop.

The package knows AWS's APIs and nothing of the project that is deployed to it.
Its parts, one package each: ``server`` (the process and its endpoint), one package
per service that really executes (``s3``, ``athena``, ``functions``, …), ``deploy``
(the engine that deploys a Pulumi program) and ``testing`` (the pytest plugin).
"""

import os

__version__ = "0.1.0"

ACCOUNT_ID = "000000000000"
DEFAULT_REGION = "us-east-1"

# moto reads its settings from the environment while it is imported, so they must stand here,
# in the one module that is always imported first.
os.environ.setdefault("MOTO_ACCOUNT_ID", ACCOUNT_ID)
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
# Every account of AWS has AWS's own policies; programs attach them by their ARNs.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
