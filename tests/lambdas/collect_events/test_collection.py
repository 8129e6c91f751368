"""A request of the API, and what of it is in the stream afterwards."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collect_events import handler
from collect_events.exceptions import StreamBusy
from collect_events.stream import EventStream, Record
from ingest.__main__ import CONTRACTS_OF_THE_PROJECT, LocalContext

REQUEST = Path(__file__).parents[1] / "events" / "http_api_post.json"
EVENT = {
    "event_id": "20101201-000001-00",
    "event_type": "product_view",
    "session_id": "20101201-000001",
    "customer_id": 17001,
    "stock_code": "85123A",
    "page": "/products/85123A",
    "occurred_at": "2010-12-01T08:26:00+01:00",
}


@dataclass(frozen=True)
class Shop:
    """The function, and the stream that it writes to."""

    kinesis: Any
    stream: str

    def send(self, body: Any, **request: Any) -> tuple[int, dict[str, Any]]:
        text = body if isinstance(body, str) else json.dumps(body)
        event = {**json.loads(REQUEST.read_text()), "body": text, **request}
        answer = handler.handle(event, LocalContext())  # type: ignore[arg-type]
        return answer["statusCode"], json.loads(answer["body"])

    def events(self) -> list[dict[str, Any]]:
        shards = self.kinesis.list_shards(StreamName=self.stream)["Shards"]
        records: list[dict[str, Any]] = []
        for shard in shards:
            iterator = self.kinesis.get_shard_iterator(
                StreamName=self.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            records += self.kinesis.get_records(ShardIterator=iterator)["Records"]
        return [json.loads(record["Data"]) for record in records]


@pytest.fixture
def shop(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    kinesis, stream = cloud.client("kinesis"), cloud.unique_name("events")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    monkeypatch.setenv("STREAM_NAME", stream)
    monkeypatch.setenv("CONTRACTS", str(CONTRACTS_OF_THE_PROJECT))
    handler._collection.cache_clear()
    yield Shop(kinesis, stream)
    handler._collection.cache_clear()
    kinesis.delete_stream(StreamName=stream)


def test_good_events_are_in_the_stream_as_the_table_has_them(shop: Shop) -> None:
    assert shop.send([EVENT, {**EVENT, "event_id": "2", "customer_id": None}]) == (202, {"accepted": 2})
    by_id = {event["event_id"]: event for event in shop.events()}
    assert by_id["2"]["customer_id"] is None
    known = by_id["20101201-000001-00"]
    assert (known["customer_id"], known["occurred_at"]) == (17001, "2010-12-01 07:26:00.000")
    assert known["_request_id"] == "JKJaXmPLvHcESHA="


def test_a_bad_event_is_told_with_its_reasons_and_the_others_are_in(shop: Shop) -> None:
    bad = {**EVENT, "event_type": "jump", "customer_id": "nobody", "occurred_at": "yesterday"}
    status, answer = shop.send([bad, EVENT])
    assert status == 400
    assert answer["accepted"] == 1
    assert answer["rejected"] == [
        {
            "event": 0,
            "reasons": [
                "event_type: is none of page_view, product_view, add_to_cart, checkout",
                "customer_id: is no bigint",
                "occurred_at: is no timestamp like iso8601",
            ],
        }
    ]
    assert [event["event_id"] for event in shop.events()] == [EVENT["event_id"]]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ("{", 400, "no JSON"),
        ("[]", 400, "no events"),
        ("[NaN]", 400, "NaN is no JSON value"),
        (json.dumps([{}] * 501), 413, "at most 500"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_whole(
    shop: Shop, body: str, status: int, message: str
) -> None:
    answered, answer = shop.send(body)
    assert answered == status
    assert message in answer["message"]
    assert shop.events() == []


def test_a_single_event_and_a_body_in_base64_are_taken(shop: Shop) -> None:
    body = base64.b64encode(json.dumps(EVENT).encode()).decode()
    assert shop.send(body, isBase64Encoded=True) == (202, {"accepted": 1})


def test_what_the_contract_does_not_name_is_left_out(shop: Shop) -> None:
    shop.send({**EVENT, "password": "secret"})
    (event,) = shop.events()
    assert "password" not in event


class Throttled:
    """Kinesis, which takes the first record of each call and no other."""

    def __init__(self, taken: int) -> None:
        self.calls: list[int] = []
        self._taken = taken

    def put_records(self, *, StreamName: str, Records: Any) -> Any:  # noqa: N803  boto3's
        self.calls.append(len(Records))
        failed = {"ErrorCode": "ProvisionedThroughputExceededException"}
        return {"Records": [{} if at < self._taken else failed for at in range(len(Records))]}


def test_what_the_stream_does_not_take_is_sent_again_alone() -> None:
    kinesis = Throttled(taken=2)
    EventStream(kinesis, "s", lambda _: None).put([Record(at, "k", b"x") for at in range(5)])
    assert kinesis.calls == [5, 3, 1]


def test_what_the_stream_never_takes_is_named() -> None:
    with pytest.raises(StreamBusy) as raised:
        EventStream(Throttled(taken=0), "s", lambda _: None).put([Record(7, "k", b"x")])
    assert raised.value.lost == (7,)


def test_a_call_is_never_larger_than_kinesis_takes() -> None:
    kinesis = Throttled(taken=500)
    EventStream(kinesis, "s", lambda _: None).put([Record(at, "k", b"x" * 1_000_000) for at in range(7)])
    assert kinesis.calls == [5, 2]
