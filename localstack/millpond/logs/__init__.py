"""CloudWatch Logs: moto's, with metric filters that can be changed."""

from millpond.logs.metric_filters import NamedMetricFilters, install

__all__ = ["NamedMetricFilters", "install"]
