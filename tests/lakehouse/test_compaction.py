"""The compaction of the deployed lake: one file in the place of several, each event once, marts as before."""

from __future__ import annotations

import pytest

from millpond.demo.checks import check_events_are_there_once
from millpond.demo.exceptions import LinesLost
from millpond.demo.pipelines import compact

SESSIONS = "select count(*), sum(events) from fct_web_sessions"


def test_events_that_came_twice_are_noticed_until_the_compaction_has_been_there(lakehouse):
    lake, posted = lakehouse.lake, lakehouse.posted
    with pytest.raises(LinesLost, match=r"left \d+ rows of \d+ events"):
        check_events_are_there_once(lake, posted, 0)
    sessions = lake.query(SESSIONS).rows
    [events] = compact(lake, ["events"])
    assert events.before.rows == posted.accepted
    assert (events.after.files, events.after.rows) == (1, posted.distinct)
    assert check_events_are_there_once(lake, posted, 0) == posted.distinct
    assert lake.query(SESSIONS).rows == sessions
