"""Buses that change."""

from __future__ import annotations

from typing import Any

import pytest


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
