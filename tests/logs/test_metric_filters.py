"""Metric filters of log groups."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import RunningCloud


@pytest.fixture
def log_group(cloud: RunningCloud) -> str:
    name = cloud.unique_name("/test/filters")
    cloud.client("logs").create_log_group(logGroupName=name)
    return name


def put(cloud: RunningCloud, log_group: str, name: str, pattern: str) -> None:
    transformation = {"metricName": "Lines", "metricNamespace": "Test", "metricValue": "1"}
    cloud.client("logs").put_metric_filter(
        logGroupName=log_group, filterName=name, filterPattern=pattern, metricTransformations=[transformation]
    )


def patterns(cloud: RunningCloud, log_group: str) -> dict[str, Any]:
    found = cloud.client("logs").describe_metric_filters(logGroupName=log_group)["metricFilters"]
    assert len({item["filterName"] for item in found}) == len(found)
    return {item["filterName"]: item["filterPattern"] for item in found}


def test_filter_that_is_put_again_replaces_the_one_of_its_name(cloud: RunningCloud, log_group: str) -> None:
    put(cloud, log_group, "errors", "ERROR")
    put(cloud, log_group, "warnings", "WARNING")
    put(cloud, log_group, "errors", "FATAL")
    assert patterns(cloud, log_group) == {"errors": "FATAL", "warnings": "WARNING"}
