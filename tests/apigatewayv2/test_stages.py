"""Stages that change."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def api(cloud: Any) -> str:
    created = cloud.client("apigatewayv2").create_api(Name=cloud.unique_name("api"), ProtocolType="HTTP")
    return str(created["ApiId"])


def test_update_of_stage_sets_what_is_given_and_keeps_the_rest(cloud: Any, api: str) -> None:
    client = cloud.client("apigatewayv2")
    client.create_stage(ApiId=api, StageName="$default", AutoDeploy=True, Description="before")
    client.update_stage(ApiId=api, StageName="$default", DefaultRouteSettings={"ThrottlingBurstLimit": 5})
    stage = client.get_stage(ApiId=api, StageName="$default")
    assert (stage["AutoDeploy"], stage["Description"]) == (True, "before")
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 5


def test_stage_variable_is_taken_away_by_setting_it_to_nothing(cloud: Any, api: str) -> None:
    client = cloud.client("apigatewayv2")
    client.create_stage(ApiId=api, StageName="dev", StageVariables={"a": "1", "b": "2"})
    client.update_stage(ApiId=api, StageName="dev", StageVariables={"a": "", "c": "3"})
    assert client.get_stage(ApiId=api, StageName="dev")["StageVariables"] == {"b": "2", "c": "3"}


def test_stage_that_is_not_there_cannot_be_changed(cloud: Any, api: str) -> None:
    client = cloud.client("apigatewayv2")
    with pytest.raises(client.exceptions.NotFoundException):
        client.update_stage(ApiId=api, StageName="none", Description="x")
