"""Budgets, and who is told when they are spent."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import datetime
from typing import Any, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs, tag_list
from millpond.deploy.providers.aws.mapping import member, properties_of
from millpond.deploy.providers.aws.tagging import Tagging

_TIME_FORMAT: Final = "%Y-%m-%d_%H:%M"


class Budget(AwsResource):
    """A budget; its id is the account and its name."""

    type = "aws:budgets/budget:Budget"
    properties = frozenset(
        {
            "accountId",
            "budgetType",
            "costFilters",
            "costTypes",
            "limitAmount",
            "limitUnit",
            "name",
            "namePrefix",
            "notifications",
            "timePeriodEnd",
            "timePeriodStart",
            "timeUnit",
        }
    )
    replaces = frozenset({"accountId", "budgetType", "name", "namePrefix"})
    naming = Naming("name", "namePrefix", longest=100)
    regional = False
    tagged = True
    _tagging = Tagging(resource="ResourceARN")

    def create(self, api: Api, inputs: Inputs) -> str:
        tags = tag_list(inputs)
        api.client("budgets").create_budget(
            AccountId=self._account(api, inputs),
            Budget=self._budget(api, inputs),
            **({"ResourceTags": tags} if tags else {}),
        )
        return self.id_of(api, inputs)

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._notify(api, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        account, _, name = id_.partition(":")
        found = api.client("budgets").describe_budget(AccountId=account, BudgetName=name)["Budget"]
        told = {
            "costFilters": [
                {"name": key, "values": values} for key, values in found.get("CostFilters", {}).items()
            ],
            "costTypes": properties_of(found.get("CostTypes")),
            "timePeriodStart": found["TimePeriod"]["Start"].astimezone(datetime.UTC).strftime(_TIME_FORMAT),
        }
        return {
            "arn": f"arn:{api.partition}:budgets::{account}:budget/{name}",
            "accountId": account,
            **{name: value for name, value in told.items() if name not in inputs},
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        budgets = api.client("budgets")
        budgets.update_budget(AccountId=self._account(api, new), NewBudget=self._budget(api, new))
        self._notify(api, old, new)
        if old.get("tagsAll") != new["tagsAll"]:
            self._tagging.apply(budgets, self.read(api, id_, new)["arn"], old.get("tagsAll"), new["tagsAll"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        account, _, name = id_.partition(":")
        api.client("budgets").delete_budget(AccountId=account, BudgetName=name)

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"{self._account(api, inputs)}:{inputs['name']}"

    def _account(self, api: Api, inputs: Inputs) -> str:
        return str(inputs.get("accountId", api.account))

    def _budget(self, api: Api, inputs: Inputs) -> Any:
        given: dict[str, Any] = {
            "budgetName": inputs["name"],
            "budgetType": inputs["budgetType"],
            "timeUnit": inputs["timeUnit"],
        }
        if "limitAmount" in inputs:
            given["budgetLimit"] = {"amount": inputs["limitAmount"], "unit": inputs["limitUnit"]}
        if filters := inputs.get("costFilters"):
            given["costFilters"] = {item["name"]: item["values"] for item in filters}
        if "costTypes" in inputs:
            given["costTypes"] = inputs["costTypes"]
        period = {
            edge: datetime.datetime.strptime(inputs[name], _TIME_FORMAT).replace(tzinfo=datetime.UTC)
            for name, edge in (("timePeriodStart", "start"), ("timePeriodEnd", "end"))
            if name in inputs
        }
        if period:
            given["timePeriod"] = period
        return member(api.client("budgets"), "CreateBudget", "Budget", given)

    def _notify(self, api: Api, old: Inputs, new: Inputs) -> None:
        budgets = api.client("budgets")
        place = {"AccountId": self._account(api, new), "BudgetName": new["name"]}
        before, after = list(old.get("notifications", ())), list(new.get("notifications", ()))
        for item in before:
            if item not in after:
                budgets.delete_notification(**place, Notification=_notification(item))
        for item in after:
            if item not in before:
                budgets.create_notification(
                    **place, Notification=_notification(item), Subscribers=_subscribers(item)
                )


def _notification(item: Inputs) -> dict[str, Any]:
    return {
        "NotificationType": item["notificationType"],
        "ComparisonOperator": item["comparisonOperator"],
        "Threshold": float(item["threshold"]),
        "ThresholdType": item["thresholdType"],
    }


def _subscribers(item: Inputs) -> list[dict[str, str]]:
    kinds = {"EMAIL": "subscriberEmailAddresses", "SNS": "subscriberSnsTopicArns"}
    return [
        {"SubscriptionType": kind, "Address": address}
        for kind, name in kinds.items()
        for address in item.get(name, ())
    ]


RESOURCES: Final = (Budget,)
