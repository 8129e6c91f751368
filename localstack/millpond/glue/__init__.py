"""Glue: moto's, with a Data Catalog that several writers can share, and crawlers and jobs that run."""

from millpond.glue.runtime import GlueRuntime, GlueSettings
from millpond.glue.service import GlueService, end_crawls, install

__all__ = ["GlueRuntime", "GlueService", "GlueSettings", "end_crawls", "install"]
