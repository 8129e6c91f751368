"""Budgets that change, their tags, and who is told."""

from __future__ import annotations

from typing import Any

import pytest

ACCOUNT = "000000000000"
NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}
READER = {"SubscriptionType": "EMAIL", "Address": "data@example.com"}


@pytest.fixture
def budget(cloud: Any) -> dict[str, Any]:
    definition = {
        "BudgetName": cloud.unique_name("budget"),
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "100", "Unit": "USD"},
    }
    cloud.client("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget=definition,
        NotificationsWithSubscribers=[{"Notification": NOTIFICATION, "Subscribers": [READER]}],
        ResourceTags=[{"Key": "owner", "Value": "data"}],
    )
    return definition


def test_budget_gets_another_limit(cloud: Any, budget: dict[str, Any]) -> None:
    budgets = cloud.client("budgets")
    budgets.update_budget(
        AccountId=ACCOUNT, NewBudget=budget | {"BudgetLimit": {"Amount": "5", "Unit": "USD"}}
    )
    found = budgets.describe_budget(AccountId=ACCOUNT, BudgetName=budget["BudgetName"])["Budget"]
    assert found["BudgetLimit"]["Amount"] == "5"


def test_tags_of_budget_are_listed(cloud: Any, budget: dict[str, Any]) -> None:
    budgets = cloud.client("budgets")
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{budget['BudgetName']}"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "env", "Value": "dev"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["owner"])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [{"Key": "env", "Value": "dev"}]


def test_subscribers_of_notification_are_described(cloud: Any, budget: dict[str, Any]) -> None:
    found = cloud.client("budgets").describe_subscribers_for_notification(
        AccountId=ACCOUNT, BudgetName=budget["BudgetName"], Notification=NOTIFICATION
    )
    assert found["Subscribers"] == [READER]
