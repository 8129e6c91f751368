"""What to generate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from millpond.datagen.exceptions import InvalidSettings

# A fixed day, so that the output does not depend on when it is made; in the middle of a month, so that
# even a few weeks have two months of revenue to compare.
DEFAULT_START = date(2025, 10, 17)


@dataclass(frozen=True)
class DatagenSettings:
    """What to generate, and where to.

    Attributes:
        out: Folder to write to; made if missing, and must be empty.
        days: Number of days, one delivery of each source a day (products: every seventh day).
        orders_per_day: Orders on a usual day; weekends have fewer, cancellations come on top.
        seed: Another seed gives another shop.
        start: First day. More days only add files: those of the first days stay as they are.
    """

    out: Path
    days: int = 30
    orders_per_day: int = 100
    seed: int = 1
    start: date = DEFAULT_START

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InvalidSettings: A number is too small, or the days leave the calendar.
        """
        for name, value in (("days", self.days), ("orders_per_day", self.orders_per_day)):
            if value < 1:
                raise InvalidSettings(f"{name} must be at least 1, not {value}.")
        if self.days > (date.max - self.start).days:
            raise InvalidSettings(f"{self.days} days from {self.start} leave the calendar.")

    @property
    def calendar(self) -> list[date]:
        """Every day to generate, in order."""
        return [self.start + timedelta(days=n) for n in range(self.days)]
