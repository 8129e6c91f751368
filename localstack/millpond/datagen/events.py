"""What visitors do on the shop's pages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from millpond.datagen.catalogue import Catalogue
from millpond.datagen.customers import CustomerBase
from millpond.datagen.dice import Dice
from millpond.datagen.lines import Line, json_line
from millpond.datagen.vocabulary import PAGES

# What pages get wrong: the field, what it holds then, and the defect in words.
_MISTAKES: tuple[tuple[str, object, str], ...] = (
    ("session_id", None, "a field is missing"),
    ("event_type", "scroll", "a kind of event that nobody agreed upon"),
    ("occurred_at", "yesterday", "text where a moment belongs"),
)


class WebLog:
    """Writes down the visits of one day after the other."""

    def __init__(self, seed: int, first_day: date, orders_per_day: int) -> None:
        self._seed = seed
        self._first_day = first_day
        self._visits_per_day = orders_per_day * 2

    def delivery(self, day: date, catalogue: Catalogue, base: CustomerBase) -> list[Line]:
        """The day's events; some arrive twice, and now and then one is broken."""
        dice = Dice(self._seed, "events", day)
        lines: list[Line] = []
        for visit in range(self._visits_per_day):
            for event in _visit(dice, day, visit, catalogue, base):
                line = _line(dice, event)
                lines.extend([line, line] if dice.chance(0.005) else [line])
        if (day - self._first_day).days % 5 == 2:
            lines.insert(dice.between(0, len(lines)), Line('{"event_id":"', "not JSON: cut off"))
        return lines


def _line(dice: Dice, event: dict[str, object]) -> Line:
    """The event as it is sent: now and then by a page with a mistake in it."""
    if not dice.chance(0.002):
        return Line(json_line(event))
    field, value, defect = dice.pick(_MISTAKES)
    return Line(json_line(event | {field: value}), defect)


def _visit(
    dice: Dice, day: date, number: int, catalogue: Catalogue, base: CustomerBase
) -> list[dict[str, object]]:
    """One visitor: looks around, may put things into the basket, may buy."""
    visitor = dice.pick_early(base.customers).customer_id if dice.chance(0.6) else None
    moment = datetime.combine(day, time(8)) + timedelta(seconds=dice.between(0, 36_000))
    steps = ["page_view", *(dice.pick(("page_view", "product_view")) for _ in range(dice.between(0, 3)))]
    if dice.chance(0.4):
        steps += ["product_view", "add_to_cart"]
        if dice.chance(0.5):
            steps.append("checkout")
    events: list[dict[str, object]] = []
    for position, step in enumerate(steps):
        moment += timedelta(seconds=dice.between(1, 240))
        about_product = step in ("product_view", "add_to_cart")
        stock_code = dice.pick_early(catalogue.products).stock_code if about_product else None
        events.append(
            {
                "event_id": f"{day:%Y%m%d}-{number:06}-{position:02}",
                "event_type": step,
                "session_id": f"{day:%Y%m%d}-{number:06}",
                "customer_id": visitor,
                "stock_code": stock_code,
                "page": f"/products/{stock_code}" if stock_code else dice.pick(PAGES),
                "occurred_at": moment.isoformat(sep=" "),
            }
        )
    return events
