"""The shop's customers: they register, move, change their address, buy more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from millpond.datagen.dice import Dice
from millpond.datagen.lines import Line, json_line
from millpond.datagen.vocabulary import COUNTRIES, FIRST_NAMES, LAST_NAMES, SEGMENTS

_FIRST_ID = 12346


@dataclass(frozen=True)
class Customer:
    """One version of a customer.

    Attributes:
        customer_id: Five digits.
        name: First and last name; not only ASCII.
        email: None for the few who gave no address.
        country: In the spelling of the Online Retail data set.
        segment: How the shop sells to them.
        updated_at: Since when this version holds.
        is_registered: Whether the customer source tells of them; a few are known from sales alone.
    """

    customer_id: int
    name: str
    email: str | None
    country: str
    segment: str
    updated_at: datetime
    is_registered: bool


class CustomerBase:
    """All customers as they are on the current day; regulars come first."""

    def __init__(self, seed: int, first_day: date, orders_per_day: int) -> None:
        self._seed = seed
        self._first_day = first_day
        self._new_per_day = max(1, orders_per_day // 20)
        self._changed_today: list[Customer] = []
        self.customers: list[Customer] = []
        self._register(Dice(seed, "customers"), first_day, max(10, orders_per_day * 2))

    def turn_to(self, day: date) -> None:
        """Let the day's changes happen: some customers change, some are new."""
        if day == self._first_day:
            return
        self._changed_today = []
        dice = Dice(self._seed, "customers", day)
        for index, customer in enumerate(self.customers):
            if dice.chance(0.01):
                self.customers[index] = _changed(customer, dice, _moment(dice, day))
                self._changed_today.append(self.customers[index])
        self._register(dice, day, self._new_per_day)

    def delivery(self, day: date) -> list[Line]:
        """Every customer that is new or changed on this day; the first day brings all of them."""
        registered = [customer for customer in self._changed_today if customer.is_registered]
        lines = [Line(json_line(_record(customer))) for customer in registered]
        defect = (day - self._first_day).days % 10
        if registered and defect == 4:
            lines.append(Line(json_line(_record(registered[0]))[:-9], "not JSON: cut off"))
        if registered and defect == 8:
            nameless = {**_record(registered[0]), "customer_id": None}
            lines.append(Line(json_line(nameless), "a required value is missing"))
        return lines

    def _register(self, dice: Dice, day: date, number: int) -> None:
        for _ in range(number):
            first, last = dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)
            customer_id = _FIRST_ID + len(self.customers)
            customer = Customer(
                customer_id=customer_id,
                name=f"{first} {last}",
                email=None if dice.chance(0.02) else f"customer{customer_id}@example.com",
                country=dice.pick(COUNTRIES),
                segment=dice.pick(SEGMENTS),
                updated_at=_moment(dice, day),
                is_registered=not dice.chance(0.03),
            )
            self.customers.append(customer)
            self._changed_today.append(customer)


def _changed(customer: Customer, dice: Dice, moment: datetime) -> Customer:
    change = dice.between(1, 3)
    if change == 1:
        return replace(customer, country=dice.pick(COUNTRIES), updated_at=moment)
    if change == 2:
        return replace(customer, segment=dice.pick(SEGMENTS), updated_at=moment)
    return replace(customer, email=f"customer{customer.customer_id}@example.org", updated_at=moment)


def _moment(dice: Dice, day: date) -> datetime:
    """Some time in the night, before the day's first order."""
    return datetime.combine(day, time(dice.between(0, 5), dice.between(0, 59), dice.between(0, 59)))


def _record(customer: Customer) -> dict[str, object]:
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "email": customer.email,
        "country": customer.country,
        "segment": customer.segment,
        "updated_at": customer.updated_at.isoformat(sep=" "),
    }
