"""Classifiers: what a file is, from its beginning. Custom ones are asked first, then Glue's own, in order.

sample ─→ order ─→ avro · columnar · json_documents · grok · delimited
"""

from millpond.glue.crawlers.classifiers.order import ClassifierChain
from millpond.glue.crawlers.classifiers.sample import Sample

__all__ = ["ClassifierChain", "Sample"]
