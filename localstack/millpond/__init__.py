"""Millpond: an AWS cloud for lakehouses that runs in one process on a laptop.

The package knows AWS's APIs and nothing of the project that is deployed to it.
Its parts, one package each: ``server`` (the process and its endpoint), one package
per service that really executes (``s3``, ``athena``, ``functions``, …), ``deploy``
(the engine that deploys a Pulumi program) and ``testing`` (the pytest plugin).
"""

__version__ = "0.1.0"
