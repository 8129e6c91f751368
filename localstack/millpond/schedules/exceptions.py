"""What can be wrong with a schedule."""

from __future__ import annotations


class InvalidScheduleExpression(ValueError):
    """A text is no `rate(…)`, `cron(…)` or `at(…)` as AWS reads them; says which part is not."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"{expression}: {reason}")
        self.expression = expression
        self.reason = reason
