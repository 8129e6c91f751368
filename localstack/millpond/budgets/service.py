"""Budgets of one account."""

from __future__ import annotations

from typing import Any

import moto.budgets.models
from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, BudgetsBackend, Notification
from moto.core.utils import unix_time
from moto.utilities.tagging_service import TaggingService


class BudgetService(BudgetsBackend):
    """moto's, with the operations that it leaves out."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tagger = TaggingService()

    @property
    def _url_module(self) -> Any:
        from millpond.budgets import urls

        return urls

    def budget(self, account_id: str, name: str) -> Budget:
        """A budget by its name.

        Raises:
            NotFoundException: There is none.
        """
        found: Budget | None = self.budgets[account_id].get(name)
        if found is None:
            raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
        return found

    def update_budget(self, account_id: str, new: dict[str, Any]) -> None:
        """UpdateBudget: another definition in the place of a budget's; its notifications stay."""
        budget = self.budget(account_id, new["BudgetName"])
        kept = {"TimePeriod": budget.budget["TimePeriod"]} if "TimePeriod" not in new else {}
        budget.budget = {**kept, **new, "LastUpdatedTime": unix_time()}

    def subscribers(self, account_id: str, name: str, notification: dict[str, Any]) -> list[Any]:
        """DescribeSubscribersForNotification.

        Raises:
            NotFoundException: There is no such notification.
        """
        found: list[Notification] = self.budget(account_id, name).notifications
        for known in found:
            if all(known.details.get(key) == value for key, value in notification.items()):
                return list(known.subscribers)
        raise NotFoundException(f"Unable to find the notification of budget: {name}")


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    moto.budgets.models.budgets_backends.backend = BudgetService
