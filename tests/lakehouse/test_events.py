"""The way of a web event, from the request of a page to the mart."""

from __future__ import annotations

import json

from millpond.demo.events import post, requests_of


def good_events(lakehouse) -> dict[str, dict[str, object]]:
    """The events that keep the contract, by their keys, as the generator says."""
    source = lakehouse.generated.source("events")
    bad = {(line.file, line.line_number) for line in source.bad_lines}
    lines = [
        line
        for file in source.files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if (file, number) not in bad
    ]
    return {event["event_id"]: event for event in map(json.loads, lines)}


def test_the_api_refuses_what_breaks_the_contract_and_nothing_else(lakehouse):
    source, posted = lakehouse.generated.source("events"), lakehouse.posted
    first = next(requests_of(source.files))
    sent_again = len(first.keys)
    assert posted.sent == source.lines + sent_again
    assert posted.accepted >= source.lines - len(source.bad_lines)
    assert posted.distinct == len(good_events(lakehouse))


def test_every_event_that_was_taken_is_in_one_session_of_the_mart(lakehouse):
    expected: dict[str, int] = {}
    for event in good_events(lakehouse).values():
        expected[str(event["session_id"])] = expected.get(str(event["session_id"]), 0) + 1
    answer = lakehouse.lake.as_analyst().query("select session_id, events from fct_web_sessions")
    assert {session: int(events) for session, events in answer.rows} == expected


def test_an_answer_names_the_events_that_it_refuses_and_why(lakehouse, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text('{"event_id": "x-1", "event_type": "scroll", "session_id": "x"}\n{"event_id":\n')
    posted = post(lakehouse.lake.outputs.events_url, requests_of([file]), lambda: None)
    assert (posted.sent, posted.accepted, posted.refused) == (3, 0, 3)
