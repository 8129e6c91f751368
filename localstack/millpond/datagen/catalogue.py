"""The shop's products: new ones come, prices move, a few never reach the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from millpond.datagen.dice import Dice
from millpond.datagen.lines import Line, csv_line
from millpond.datagen.vocabulary import MATERIALS, THINGS

HEADER = "stock_code,description,category,list_price_cents,updated_at"

_DAYS_BETWEEN_DELIVERIES = 7
_DAYS_BETWEEN_NEW_PRODUCTS = 5


@dataclass(frozen=True)
class Product:
    """One version of a product.

    Attributes:
        stock_code: Five digits, and a letter for a variant.
        description: Upper case; may have commas and quotation marks.
        category: Group of products.
        list_price_cents: Catalogue price of one piece.
        updated_at: Since when this version holds.
        is_listed: Whether the catalogue has it; a few things are sold that it does not know.
    """

    stock_code: str
    description: str
    category: str
    list_price_cents: int
    updated_at: datetime
    is_listed: bool


class Catalogue:
    """All products as they are on the current day; best-sellers come first."""

    def __init__(self, seed: int, first_day: date) -> None:
        self._seed = seed
        self._first_day = first_day
        self._ideas = self._think_up(Dice(seed, "products"))
        self.products = [next(self._ideas) for _ in range(len(MATERIALS) * len(THINGS) * 3 // 4)]

    def turn_to(self, day: date) -> None:
        """Let the day's changes happen: some prices move, sometimes a product is new."""
        age = (day - self._first_day).days
        if age == 0:
            return
        dice = Dice(self._seed, "products", day)
        for index, product in enumerate(self.products):
            if dice.chance(0.01):
                percent = dice.pick((80, 90, 95, 105, 110, 120))
                self.products[index] = replace(
                    product,
                    list_price_cents=max(1, product.list_price_cents * percent // 100),
                    updated_at=datetime.combine(day, time(dice.between(0, 5), dice.between(0, 59))),
                )
        if age % _DAYS_BETWEEN_NEW_PRODUCTS == 0:
            new = next(self._ideas, None)
            if new is not None:
                self.products.append(replace(new, updated_at=datetime.combine(day, time(6))))

    def delivery(self, day: date) -> list[Line]:
        """The whole catalogue, unchanged products included, on every seventh day; else nothing."""
        number, rest = divmod((day - self._first_day).days, _DAYS_BETWEEN_DELIVERIES)
        if rest:
            return []
        listed = [product for product in self.products if product.is_listed]
        lines = [Line(csv_line(_cells(product))) for product in listed]
        if number % 2 == 1:
            cells = _cells(listed[-1])
            lines.append(
                Line(csv_line([*cells[:3], "on request", *cells[4:]]), "text where a number belongs")
            )
        return lines

    def _think_up(self, dice: Dice) -> Iterator[Product]:
        """Every material with every thing, in an order that has nothing to do with either."""
        pairs = [(material, thing) for material in MATERIALS for thing in THINGS]
        for index in range(len(pairs)):
            material, (thing, category, low, high) = pairs[index * 37 % len(pairs)]
            variant = dice.pick(("", "", "", "A", "B", "C"))
            yield Product(
                stock_code=f"{20000 + index * 7}{variant}",
                description=f"{material} {thing}",
                category=category,
                list_price_cents=dice.between(low, high),
                updated_at=datetime.combine(self._first_day, time(0)),
                is_listed=not dice.chance(0.05),
            )


def _cells(product: Product) -> list[str]:
    return [
        product.stock_code,
        product.description,
        product.category,
        str(product.list_price_cents),
        product.updated_at.isoformat(sep=" "),
    ]
