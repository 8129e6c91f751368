"""What the demo holds the lake to: nothing is lost, nothing is there twice, no role is denied a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from millpond.access.report import report
from millpond.client import Endpoint
from millpond.client.access_record import read_page
from millpond.demo.deliveries import Delivery, content_of
from millpond.demo.events import PostedEvents
from millpond.demo.exceptions import CallsDenied, LinesLost
from millpond.demo.lake import IngestedSource, Lake

Denials = Counter[tuple[str, str, str, str]]
"""How often whom which action on which resource was denied, and why."""


@dataclass(frozen=True)
class RolesAtWork:
    """What the record of decisions says.

    Attributes:
        enforced: Whether anything was decided at all.
        used: The roles that did something, none of which was denied anything.
    """

    enforced: bool
    used: tuple[str, ...]


def check_nothing_is_lost(
    lake: Lake, deliveries: Sequence[Delivery], ingested: Sequence[IngestedSource]
) -> None:
    """Compare what was delivered with the ingestion log, and the log with what the tables hold.

    Raises:
        LinesLost: A file or a line is missing.
    """
    logged = lake.logged_lines()
    for delivery in deliveries:
        content = content_of(delivery.path)
        if content and content.sha256 in logged:
            if logged[content.sha256] != content.lines:
                raise LinesLost(
                    f"{delivery.path} has {content.lines} lines of data, "
                    f"but the ingestion log says {logged[content.sha256]}."
                )
            continue
        # What can be read here and was not loaded must have been refused; of the rest there is only the name.
        statuses = lake.statuses(delivery)
        if not statuses or (content and "refused" not in statuses):
            raise LinesLost(f"{delivery.path} was delivered, but the ingestion log does not know it.")
    for source in ingested:
        if source.lines == 0:
            continue
        rows = lake.count_rows(source.source)
        bad = lake.count_rows("quarantine", f"source = '{source.source}'")
        if (rows, bad) != (source.loaded, source.quarantined) or rows + bad != source.lines:
            raise LinesLost(
                f"{source.source}: {source.lines} lines came in. The log says {source.loaded} were loaded "
                f"and {source.quarantined} quarantined, but raw has {rows} rows and quarantine {bad}."
            )


def check_events_are_there_once(lake: Lake, posted: PostedEvents, rows_before: int) -> int:
    """Compare the events of raw, once compacted, with those that the API took; returns how many there are.

    Args:
        lake: The lake.
        posted: What the API took.
        rows_before: The events that were there before, which may be the same ones.

    Raises:
        LinesLost: One is missing, or there twice.
    """
    answer = lake.query(
        f'SELECT count(*), count(DISTINCT event_id) FROM "{lake.outputs.raw_database}"."events"'
    )
    rows, distinct = (int(value or 0) for value in answer.rows[0])
    if rows != distinct:
        raise LinesLost(f"The compaction left {rows} rows of {distinct} events.")
    if not posted.distinct <= distinct <= posted.distinct + rows_before:
        raise LinesLost(f"The API took {posted.distinct} different events, but raw has {distinct}.")
    return distinct


def denials(endpoint: Endpoint) -> Denials:
    """All calls that were denied so far."""
    found = report(read_page(endpoint.url))
    by_caller = {role.arn: role.denials for role in found.roles} | dict(found.others)
    return Counter(
        {
            (caller, denial.action, denial.resource, denial.reason): denial.count
            for caller, taken in by_caller.items()
            for denial in taken
        }
    )


def check_nobody_was_denied(endpoint: Endpoint, before: Denials) -> RolesAtWork:
    """Look at what was decided since `before`.

    Raises:
        CallsDenied: A call was denied.
    """
    description = read_page(endpoint.url)
    new = denials(endpoint) - before
    if new:
        raise CallsDenied([f"{count}x {reason or action}" for (_, action, _, reason), count in new.items()])
    used = tuple(role.name for role in report(description).roles if role.is_used)
    return RolesAtWork(bool(description["enforced"]), used)
