"""Web events, posted to the API of the lake as pages do: in batches, and some of them twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import urllib3

from millpond.demo.exceptions import EventsNotTaken

_EVENTS_PER_REQUEST = 400
_ATTEMPTS = 8
_PAUSE_SECONDS = 0.25
_KEY = "event_id"


@dataclass(frozen=True)
class Request:
    """One request of a page.

    Attributes:
        body: What it sends.
        keys: The keys of its events, in their order; one that is None stands for what cannot be read.
    """

    body: bytes
    keys: tuple[str | None, ...]


@dataclass(frozen=True)
class PostedEvents:
    """What the API answered.

    Attributes:
        requests: How many requests it answered.
        sent: Events in them.
        accepted: Those that it took.
        refused: Those that break the contract, or are no JSON.
        distinct: How many different ones it took.
    """

    requests: int
    sent: int
    accepted: int
    refused: int
    distinct: int


def requests_of(files: Iterable[Path]) -> Iterator[Request]:
    """The requests that bring the events of some files; the first one is sent once more at the end.

    A page that heard no answer sends again, and the lake must count its events once.
    """
    first: Request | None = None
    for file in files:
        for request in _requests(file.read_text(encoding="utf-8").splitlines()):
            first = first or request
            yield request
    if first:
        yield first


def post(url: str, requests: Iterable[Request], on_request: Callable[[], None]) -> PostedEvents:
    """Post requests one after the other.

    Raises:
        EventsNotTaken: The API answered something else than what it took and what not.
    """
    count = sent = accepted = 0
    taken: set[str | None] = set()
    with urllib3.PoolManager() as pool:
        for request in requests:
            answer = _answer(pool, url, request)
            bad = {rejected["event"] for rejected in answer.get("rejected", ())}
            good = [key for at, key in enumerate(request.keys) if at not in bad] if answer["accepted"] else []
            if len(good) != answer["accepted"]:
                raise EventsNotTaken(url, f"of {len(request.keys)} events it took {answer['accepted']}")
            count, sent, accepted = count + 1, sent + len(request.keys), accepted + len(good)
            taken.update(good)
            on_request()
    return PostedEvents(count, sent, accepted, sent - accepted, len(taken))


def _requests(lines: Sequence[str]) -> Iterator[Request]:
    readable: list[tuple[str, str | None]] = []
    for line in lines:
        try:
            readable.append((line, json.loads(line).get(_KEY)))
        except json.JSONDecodeError:
            # A page that was closed while it sent: the rest of its request never comes.
            yield Request(line.encode(), (None,))
    for begin in range(0, len(readable), _EVENTS_PER_REQUEST):
        batch = readable[begin : begin + _EVENTS_PER_REQUEST]
        body = "[" + ",".join(line for line, _ in batch) + "]"
        yield Request(body.encode(), tuple(key for _, key in batch))


def _answer(pool: urllib3.PoolManager, url: str, request: Request) -> dict[str, Any]:
    """What the API says of a request; one that it has no time for is sent again."""
    for _ in range(_ATTEMPTS):
        answer = pool.request(
            "POST", url, body=request.body, headers={"content-type": "application/json"}, retries=False
        )
        if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
            break
        time.sleep(_PAUSE_SECONDS)
    if answer.status not in (HTTPStatus.ACCEPTED, HTTPStatus.BAD_REQUEST):
        raise EventsNotTaken(
            url, f"it answered {answer.status}: {answer.data[:500].decode(errors='replace')}"
        )
    content: dict[str, Any] = json.loads(answer.data)
    return content
