"""Glue: moto's, with a Data Catalog that several writers can share."""

from millpond.glue.service import GlueService, install

__all__ = ["GlueService", "install"]
