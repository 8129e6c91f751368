"""The shop's sales in the layout of the Online Retail data set."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from millpond.datagen.catalogue import Catalogue, Product
from millpond.datagen.customers import Customer, CustomerBase
from millpond.datagen.dice import Dice
from millpond.datagen.lines import Line, csv_line
from millpond.datagen.vocabulary import CLERKS_NOTES

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

_FIRST_INVOICE = 536365
_REMEMBERED_ORDERS = 500
_DELAY = timedelta(days=2)
_BAD_ROWS = (
    ("text where a number belongs", 3, "six"),
    ("an impossible date", 4, "2025-02-30 10:00:00"),
    ("a field is missing", 7, None),
)


@dataclass(frozen=True)
class SalesLine:
    """One line of an invoice; `mills` is the price of one piece in thousandths."""

    invoice_no: str
    stock_code: str
    description: str
    quantity: int
    invoiced_at: datetime
    mills: int
    customer: Customer | None
    country: str


class Till:
    """Rings up the orders of one day after the other."""

    def __init__(self, seed: int, first_day: date, orders_per_day: int) -> None:
        self._seed = seed
        self._first_day = first_day
        self._orders_per_day = orders_per_day
        self._next_invoice = _FIRST_INVOICE
        self._orders: deque[list[SalesLine]] = deque(maxlen=_REMEMBERED_ORDERS)
        self._late: dict[date, list[SalesLine]] = {}

    def delivery(self, day: date, catalogue: Catalogue, base: CustomerBase) -> list[Line]:
        """The day's file: its orders and cancellations, what an earlier day forgot, and bad rows."""
        dice = Dice(self._seed, "sales", day)
        age = (day - self._first_day).days
        sold: list[SalesLine] = []
        for moment in self._opening_times(dice, day):
            order = self._order(dice, moment, catalogue, base)
            if age % 7 == 3 and dice.chance(0.03):
                self._late.setdefault(day + _DELAY, []).extend(order)
            else:
                sold.extend(order)
            if dice.chance(0.04):
                sold.extend(self._cancellation(dice, moment))
            if dice.chance(0.01):
                sold.append(self._stock_correction(dice, moment, catalogue))
        sold.extend(self._late.pop(day, []))
        lines = [Line(csv_line(_cells(line))) for line in sold]
        if sold and age % 3 == 1:
            lines.insert(dice.between(0, len(lines)), _bad_row(sold[0], age // 3))
        return lines

    def _opening_times(self, dice: Dice, day: date) -> list[datetime]:
        """When the day's orders come in: from 8 to 18 o'clock, half as many at the weekend."""
        number = self._orders_per_day // 2 if day.weekday() >= 5 else self._orders_per_day
        number = max(1, number * dice.between(85, 115) // 100)
        minutes = sorted(dice.between(0, 599) for _ in range(number))
        return [datetime.combine(day, time(8 + minute // 60, minute % 60)) for minute in minutes]

    def _order(
        self, dice: Dice, moment: datetime, catalogue: Catalogue, base: CustomerBase
    ) -> list[SalesLine]:
        buyer = dice.pick_early(base.customers)
        customer = None if dice.chance(0.2) else buyer
        invoice_no = self._number()
        order: list[SalesLine] = []
        for _ in range(dice.low_between(1, 40)):
            product = dice.pick_early(catalogue.products)
            line = SalesLine(
                invoice_no=invoice_no,
                stock_code=product.stock_code.lower() if dice.chance(0.01) else product.stock_code,
                description="" if dice.chance(0.003) else product.description,
                quantity=dice.pick((1, 1, 2, 2, 3, 4, 6, 6, 10, 12, 24)),
                invoiced_at=moment,
                mills=_mills(dice, product),
                customer=customer,
                country=buyer.country,
            )
            order.extend([line, line] if dice.chance(0.01) else [line])
        if buyer.country != "United Kingdom":
            order.append(
                replace(order[0], stock_code="POST", description="POSTAGE", quantity=1, mills=18_000)
            )
        self._orders.append(order)
        return order

    def _cancellation(self, dice: Dice, moment: datetime) -> list[SalesLine]:
        """Some lines of an earlier order come back under an invoice of their own."""
        order = dice.pick(self._orders)
        invoice_no = f"C{self._number()}"
        return [
            replace(line, invoice_no=invoice_no, invoiced_at=moment, quantity=-line.quantity)
            for line in order[: dice.between(1, 3)]
        ]

    def _stock_correction(self, dice: Dice, moment: datetime, catalogue: Catalogue) -> SalesLine:
        """Goods written off: an invoice for nobody, at no price, with a note for a description."""
        return SalesLine(
            invoice_no=self._number(),
            stock_code=dice.pick(catalogue.products).stock_code,
            description=dice.pick(CLERKS_NOTES),
            quantity=-dice.between(1, 60),
            invoiced_at=moment,
            mills=0,
            customer=None,
            country="United Kingdom",
        )

    def _number(self) -> str:
        self._next_invoice += 1
        return str(self._next_invoice - 1)


def _mills(dice: Dice, product: Product) -> int:
    """The catalogue's price, now and then a gift, a rebate, or a price below a cent."""
    if dice.chance(0.003):
        return 0
    if dice.chance(0.001):
        return 1
    cents = product.list_price_cents
    return (cents * 9 // 10 if dice.chance(0.05) else cents) * 10


def _bad_row(like: SalesLine, number: int) -> Line:
    defect, column, value = _BAD_ROWS[number % len(_BAD_ROWS)]
    cells = _cells(like)
    cells[column : column + 1] = [] if value is None else [value]
    return Line(csv_line(cells), defect)


def _cells(line: SalesLine) -> list[str]:
    return [
        line.invoice_no,
        line.stock_code,
        line.description,
        str(line.quantity),
        line.invoiced_at.isoformat(sep=" "),
        _price(line.mills),
        f"{line.customer.customer_id}.0" if line.customer else "",
        line.country,
    ]


def _price(mills: int) -> str:
    """At least one decimal, as the data set has it: 2.55, 18.0, 0.001."""
    whole, fraction = divmod(mills, 1000)
    return f"{whole}.{f'{fraction:03}'.rstrip('0') or '0'}"
