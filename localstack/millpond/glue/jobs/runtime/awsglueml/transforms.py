"""The transforms of machine learning.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-findmatches.html
"""

from __future__ import annotations

from typing import Any

from awsglue.exceptions import (  # type: ignore[import-not-found]  # beside it on a job's path
    NotSupportedLocally,
)


class _Model:
    """Refused."""

    @classmethod
    def apply(cls, *_: Any, **__: Any) -> Any:
        """Refused."""
        raise NotSupportedLocally(cls.__name__)


class FillMissingValues(_Model):
    """Refused."""


class FindIncrementalMatches(_Model):
    """Refused."""


class FindMatches(_Model):
    """Refused."""
