"""The wire format of budgets: what moto does not answer."""

from __future__ import annotations

import json

from moto.budgets.models import budgets_backends
from moto.budgets.responses import BudgetsResponse

from millpond.budgets.service import BudgetService


class BudgetApi(BudgetsResponse):
    """The operations."""

    @property
    def backend(self) -> BudgetService:
        """The service of the caller's account."""
        service = budgets_backends[self.current_account][self.partition]
        assert isinstance(service, BudgetService)  # noqa: S101 - install() put the class there
        return service

    def create_budget(self) -> str:
        """Keep a budget, and its tags."""
        answer = super().create_budget()
        account, name = self._get_param("AccountId"), self._get_param("Budget")["BudgetName"]
        arn = f"arn:{self.partition}:budgets::{account}:budget/{name}"
        self.backend.tagger.tag_resource(arn, self._get_param("ResourceTags"))
        return answer

    def update_budget(self) -> str:
        """Change a budget."""
        self.backend.update_budget(self._get_param("AccountId"), self._get_param("NewBudget"))
        return "{}"

    def describe_subscribers_for_notification(self) -> str:
        """Who is told of something."""
        found = self.backend.subscribers(
            self._get_param("AccountId"), self._get_param("BudgetName"), self._get_param("Notification")
        )
        return json.dumps({"Subscribers": found})

    # ---- tags

    def tag_resource(self) -> str:
        """Tag a budget."""
        self.backend.tagger.tag_resource(self._get_param("ResourceARN"), self._get_param("ResourceTags"))
        return "{}"

    def untag_resource(self) -> str:
        """Take tags off a budget."""
        self.backend.tagger.untag_resource_using_names(
            self._get_param("ResourceARN"), self._get_param("ResourceTagKeys")
        )
        return "{}"

    def list_tags_for_resource(self) -> str:
        """The tags of a budget."""
        tags = self.backend.tagger.list_tags_for_resource(self._get_param("ResourceARN"))["Tags"]
        return json.dumps({"ResourceTags": tags})
