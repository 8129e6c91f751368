"""The metric filters of a region: one of each name in a log group; moto keeps every one that was ever put."""

from __future__ import annotations

from typing import Any

import moto.logs.models
from moto.logs.metric_filters import MetricFilters

from millpond.moto_models import stand_in


class NamedMetricFilters(MetricFilters):
    """moto's metric filters, in which a filter takes the place of the one with its name."""

    def add_filter(
        self, filter_name: str, filter_pattern: str, log_group_name: str, metric_transformations: Any
    ) -> None:
        """Keep a filter."""
        self.metric_filters = [
            kept
            for kept in self.metric_filters
            if (kept["filterName"], kept["logGroupName"]) != (filter_name, log_group_name)
        ]
        super().add_filter(filter_name, filter_pattern, log_group_name, metric_transformations)


def install() -> None:
    """Put this in the place of moto's; before the first request."""
    # moto does not export the name, but its backend makes what it finds there.
    stand_in(moto.logs.models, "MetricFilters", NamedMetricFilters)
