"""Budgets: moto's, which can also be changed, tagged, and asked who is told."""

from millpond.budgets.service import BudgetService, install

__all__ = ["BudgetService", "install"]
