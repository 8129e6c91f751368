"""Glue crawlers that really crawl: they read the objects, infer tables and partitions, and write the catalog.

A crawl goes one way:

    responses → service (which crawls there are) → crawl ─┬→ classifiers (what a file is)
                                                          ├→ grouping (which files make which table)
                                                          ├→ table_definitions (what the catalog calls that)
                                                          └→ catalog_writer (what may be changed, and is)

`role` asks for the crawler's rights before each step, `log` writes what AWS's crawlers write.
"""

from __future__ import annotations

import moto.glue.models

from millpond.glue.crawlers.crawler import Crawler
from millpond.glue.crawlers.service import CrawlerService
from millpond.moto_models import stand_in

__all__ = ["Crawler", "CrawlerService", "install"]


def install() -> None:
    """Put our crawler in the place of moto's; before the first request."""
    stand_in(moto.glue.models, "FakeCrawler", Crawler)
