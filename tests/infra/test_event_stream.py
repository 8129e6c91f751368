"""The event stream as a page and an analyst know it: what is sent to the API is a row of raw."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from millpond.testing import DeployedStack, RunningCloud

from .conftest import PROJECT

EVENT = {
    "event_id": "1",
    "event_type": "checkout",
    "session_id": "s",
    "customer_id": 17001,
    "page": "/done",
    "occurred_at": "2026-01-31T10:00:00Z",
}


@pytest.fixture(scope="module")
def lakehouse(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedStack]:
    with cloud.deployed(PROJECT, tmp_path_factory.mktemp("state"), "local", {}, destroy=True) as stack:
        yield stack


def post(url: str, body: Any) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(  # noqa: S310  the local cloud's address
        url, data=json.dumps(body).encode(), headers={"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310  the local cloud's address
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_events_that_a_page_sends_become_rows_of_raw_and_bad_ones_do_not(
    lakehouse: DeployedStack, cloud: RunningCloud
) -> None:
    outputs = lakehouse.outputs
    assert post(outputs["events_url"], [EVENT]) == (202, {"accepted": 1})
    status, answer = post(outputs["events_url"], [{**EVENT, "event_id": "2", "event_type": "jump"}])
    assert (status, answer["accepted"]) == (400, 0)

    def rows() -> tuple[tuple[str | None, ...], ...]:
        sql = "select event_id, customer_id, occurred_at from events"
        return cloud.query(sql, outputs["raw_database"], outputs["dbt_workgroup"]).rows

    cloud.wait_for.objects(outputs["raw_bucket"], "events/", timeout=60)
    assert rows() == (("1", "17001", "2026-01-31 10:00:00.000"),)
