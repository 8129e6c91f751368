"""One thread that does things when their time has come."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from millpond.schedules.expressions import Schedule

_log = logging.getLogger(__name__)

# A computer that sleeps, or whose time is set, must not be asked to wait for a whole night in one go.
_LONGEST_WAIT = 30.0

Action = Callable[[datetime], None]


@dataclass(frozen=True)
class _Entry:
    schedule: Schedule
    action: Action
    on_end: Callable[[], None] | None


class Clock:
    """Keeps schedules by name. Its thread starts with the first of them and costs nothing while it waits.

    Actions run on that thread, one after another: they hand long work to others. Moments that
    passed while the clock did not run, or was late, are made up for by one action, not by many.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: dict[Hashable, _Entry] = {}
        self._due: list[tuple[datetime, int, Hashable, _Entry]] = []
        self._numbers = itertools.count()
        self._ahead = timedelta()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def set(
        self, name: Hashable, schedule: Schedule, action: Action, on_end: Callable[[], None] | None = None
    ) -> None:
        """Keep a schedule from now on, in the place of the one that had this name.

        Args:
            name: To replace and to cancel it by.
            schedule: When.
            action: What to do; it gets the moment that was scheduled.
            on_end: What to do once after the schedule's last moment.
        """
        with self._changed:
            entry = _Entry(schedule, action, on_end)
            self._entries[name] = entry
            self._plan(name, entry, self.now())
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
                self._thread.start()
            self._changed.notify()

    def advance(self, by: timedelta) -> None:
        """Be ahead of the time by so much more: what is due until then is due now.

        For tests, which cannot wait for midnight.
        """
        with self._changed:
            self._ahead += by
            self._changed.notify()

    def now(self) -> datetime:
        """The time by this clock."""
        return datetime.now(UTC) + self._ahead

    def cancel(self, name: Hashable) -> None:
        """Keep a schedule no longer; one that is not there is no error."""
        with self._changed:
            self._entries.pop(name, None)

    def shutdown(self) -> None:
        """Do nothing any more."""
        with self._changed:
            self._stopped = True
            self._entries.clear()
            self._due.clear()
            self._changed.notify()

    def _plan(self, name: Hashable, entry: _Entry, after: datetime) -> bool:
        """Say when an entry's turn comes; whether it does at all."""
        moment = entry.schedule.next_after(after)
        if moment is not None:
            heapq.heappush(self._due, (moment.astimezone(UTC), next(self._numbers), name, entry))
        return moment is not None

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                wait = self._seconds_to_next()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                moment, _, name, entry = heapq.heappop(self._due)
                if self._entries.get(name) is not entry:
                    continue
                continues = self._plan(name, entry, max(moment, self.now()))
                if not continues:
                    del self._entries[name]
            _attempt(partial(entry.action, moment), moment)
            if not continues and entry.on_end is not None:
                _attempt(entry.on_end, moment)

    def _seconds_to_next(self) -> float:
        if not self._due:
            return _LONGEST_WAIT
        remaining: timedelta = self._due[0][0] - self.now()
        return min(remaining.total_seconds(), _LONGEST_WAIT)


def _attempt(action: Callable[[], None], moment: datetime) -> None:
    try:
        action()
    except Exception:  # one action that fails must not stop the clock for all the others
        _log.exception("What was scheduled for %s failed", moment)
