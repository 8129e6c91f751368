"""One request's way from the API to the stream: read, check, put, answer."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from collect_events.checking import check
from collect_events.exceptions import RequestRefused, StreamBusy
from collect_events.requests import answer, events_of, rejected, request_id
from collect_events.stream import EventStream, Record, partition_key
from lake.contracts import SourceContract

Clock = Callable[[], datetime.datetime]


@dataclass(frozen=True)
class Collected:
    """What became of a request.

    Attributes:
        response: The answer.
        accepted: How many events are in the stream.
        rejected: How many break the contract.
        lost: How many the stream did not take.
    """

    response: dict[str, Any]
    accepted: int = 0
    rejected: int = 0
    lost: int = 0


class Collection:
    """Takes requests; one for each warm worker."""

    def __init__(self, contract: SourceContract, stream: EventStream, now: Clock) -> None:
        self._contract = contract
        self._stream = stream
        self._now = now

    def collect(self, request: Mapping[str, Any]) -> Collected:
        """Take the good events of a request, and tell of the others.

        Answers 202 when every event is in the stream, 400 when some break the contract, 503 when the stream
        does not take some. In all cases the good ones are in; to send all of them again does no harm, since
        events are told apart by their key.
        """
        try:
            events = events_of(request)
        except RequestRefused as refusal:
            return Collected(answer(refusal.status, {"accepted": 0, "message": str(refusal)}))
        records: list[Record] = []
        reasons: dict[int, tuple[str, ...]] = {}
        for at, event in enumerate(events):
            checked = check(event, self._contract)
            if checked.reasons:
                reasons[at] = checked.reasons
            else:
                records.append(self._record(at, checked.values, request_id(request)))
        lost = self._put(records)
        accepted = len(records) - len(lost)
        content: dict[str, Any] = {"accepted": accepted}
        if reasons:
            content["rejected"] = rejected(reasons)
        if lost:
            content["lost"] = list(lost)
        return Collected(answer(_status(reasons, lost), content), accepted, len(reasons), len(lost))

    def _record(self, at: int, values: Mapping[str, Any], request: str) -> Record:
        audit = {
            "_ingested_at": self._now().isoformat(sep=" ", timespec="milliseconds"),
            "_request_id": request,
        }
        line = json.dumps({**values, **audit}, ensure_ascii=False, separators=(",", ":")) + "\n"
        return Record(at, partition_key(values, self._contract.keys), line.encode())

    def _put(self, records: list[Record]) -> tuple[int, ...]:
        if not records:
            return ()
        try:
            self._stream.put(records)
        except StreamBusy as busy:
            return busy.lost
        return ()


def _status(reasons: Mapping[int, object], lost: tuple[int, ...]) -> int:
    if lost:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.BAD_REQUEST if reasons else HTTPStatus.ACCEPTED
