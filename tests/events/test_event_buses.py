"""Buses that change."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_update_of_bus_sets_what_is_given_and_keeps_the_rest(cloud: Any) -> None:
    events, name = cloud.client("events"), cloud.unique_name("bus")
    events.create_event_bus(Name=name, Description="before", KmsKeyIdentifier="alias/lake")
    events.update_event_bus(Name=name, Description="after")
    bus = events.describe_event_bus(Name=name)
    assert (bus["Description"], bus["KmsKeyIdentifier"]) == ("after", "alias/lake")


def test_bus_that_is_not_there_cannot_be_changed(cloud: Any) -> None:
    events = cloud.client("events")
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.update_event_bus(Name=cloud.unique_name("bus"), Description="x")


def test_buses_are_listed_with_when_and_what_for_they_were_made(cloud: Any) -> None:
    events, name = cloud.client("events"), cloud.unique_name("bus")
    assert events.create_event_bus(Name=name, Description="orders")["Description"] == "orders"
    [listed] = events.list_event_buses(NamePrefix=name)["EventBuses"]
    assert listed["Description"] == "orders"
    assert listed["LastModifiedTime"] >= listed["CreationTime"]


@pytest.mark.parametrize(
    ("operation", "request_of", "reason"),
    [
        ("describe_rule", lambda bus: {"Name": "no"}, "Rule no does not exist on EventBus default."),
        (
            "describe_rule",
            lambda bus: {"Name": "no", "EventBusName": bus},
            "Rule no does not exist on EventBus {bus}.",
        ),
        (
            "list_tags_for_resource",
            lambda bus: {"ResourceARN": "arn:aws:events:us-east-1:000000000000:event-bus/no"},
            "Event bus no does not exist.",
        ),
        (
            "remove_permission",
            lambda bus: {"EventBusName": bus, "StatementId": "no"},
            "Statement with the provided id does not exist.",
        ),
        (
            "put_events",
            lambda bus: {"Entries": [{"Detail": "{}"}] * 11},
            "at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
        ),
    ],
)
def test_what_is_not_there_is_told_in_the_words_of_aws(
    cloud: Any, operation: str, request_of: Any, reason: str
) -> None:
    events, bus = cloud.client("events"), cloud.unique_name("bus")
    events.create_event_bus(Name=bus)
    with pytest.raises(ClientError) as refused:
        getattr(events, operation)(**request_of(bus))
    assert refused.value.response["Error"]["Message"].endswith(reason.format(bus=bus))
