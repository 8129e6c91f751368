"""The transforms of data quality.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html
"""

from __future__ import annotations

from typing import Any

from awsglue.exceptions import (  # type: ignore[import-not-found]  # beside it on a job's path
    NotSupportedLocally,
)


class EvaluateDataQuality:
    """Refused."""

    @classmethod
    def apply(cls, *_: Any, **__: Any) -> Any:
        """Refused."""
        raise NotSupportedLocally("EvaluateDataQuality")

    def process_rows(self, *_: Any, **__: Any) -> Any:
        """Refused."""
        raise NotSupportedLocally("EvaluateDataQuality")
