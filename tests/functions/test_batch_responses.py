"""What a function says of the items of its batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from millpond.functions.event_sources.responses import failed_items

SENT = ["1", "2"]


@pytest.mark.parametrize(
    "response", [None, {}, [], "", {"batchItemFailures": []}, {"batchItemFailures": None}], ids=json.dumps
)
def test_nothing_is_a_success(response: Any) -> None:
    assert failed_items(json.dumps(response).encode(), SENT) == set()


def test_what_is_named_has_failed() -> None:
    assert failed_items(b'{"batchItemFailures": [{"itemIdentifier": "2"}]}', SENT) == {"2"}


@pytest.mark.parametrize(
    "response",
    [
        "text",
        ["1"],
        {"batchItemFailures": "1"},
        {"batchItemFailures": [{"itemIdentifier": "3"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"itemIdentifier": 1}]},
        {"batchItemFailures": [{"name": "1"}]},
    ],
    ids=json.dumps,
)
def test_what_cannot_be_understood_has_failed_altogether(response: Any) -> None:
    assert failed_items(json.dumps(response).encode(), SENT) == set(SENT)
