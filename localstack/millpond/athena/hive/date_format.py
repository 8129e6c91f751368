"""Java's date patterns in table properties: moments as texts, and back.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.sql.date_patterns import DatePatternError, joda_pattern

_UNITS = {
    "MILLIS": "gf",
    "SECONDS": "S",
    "MINUTES": "M",
    "HOURS": "HI",
    "DAYS": "djaA",
    "MONTHS": "mbB",
}
"""How long a step of directives is, the finest first."""


@dataclass(frozen=True)
class DateFormat:
    """A pattern.

    Attributes:
        pattern: As Java has it.
        directives: As DuckDB's `strftime` and `strptime` have it.
    """

    pattern: str
    directives: str

    @classmethod
    def of(cls, pattern: str) -> DateFormat:
        """A pattern such as `yyyy-MM-dd'T'HH`.

        Raises:
            HiveMetastoreError: It has letters that are not supported.
        """
        try:
            return cls(pattern, joda_pattern(pattern))
        except DatePatternError as error:
            raise HiveMetastoreError(f"'{pattern}': {error} is not supported") from None

    @property
    def reading_directives(self) -> str:
        """The directives as `strptime` has them, for which no number need have zeros in front."""
        return self.directives.replace("%-", "%").replace("%g", "%f")

    @property
    def smallest_unit(self) -> str:
        """The unit of the finest field."""
        used = set(re.findall(r"%-?(\w)", self.directives))
        return next((unit for unit, letters in _UNITS.items() if used.intersection(letters)), "YEARS")

    def text(self, moment: datetime.datetime) -> str:
        """A moment in this format."""
        return moment.strftime(self.directives.replace("%g", f"{moment.microsecond // 1000:03d}"))

    def read(self, text: str) -> datetime.datetime:
        """The moment that a text in this format tells.

        Raises:
            HiveMetastoreError: The text is in another format.
        """
        try:
            return datetime.datetime.strptime(text, self.reading_directives)
        except ValueError:
            raise HiveMetastoreError(f"'{text}' is no date in the format '{self.pattern}'") from None
