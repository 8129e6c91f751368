"""LF-tags of databases, tables and columns."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def formation(cloud: Any) -> Any:
    client = cloud.client("lakeformation")
    for key in ("team", "secrecy"):
        if not any(tag["TagKey"] == key for tag in client.list_lf_tags()["LFTags"]):
            client.create_lf_tag(TagKey=key, TagValues=["a", "b"])
    return client


@pytest.fixture
def table(cloud: Any) -> dict[str, str]:
    return {"DatabaseName": cloud.unique_name("db"), "Name": "orders"}


def tagged(key: str, value: str) -> list[dict[str, Any]]:
    return [{"TagKey": key, "TagValues": [value]}]


def keys(tags: list[dict[str, Any]]) -> list[str]:
    return [tag["TagKey"] for tag in tags]


def test_resource_without_tags_has_none(formation: Any, table: dict[str, str]) -> None:
    found = formation.get_resource_lf_tags(Resource={"Table": table})
    assert not {"LFTagOnDatabase", "LFTagsOnTable", "LFTagsOnColumns"} & found.keys()


def test_tag_is_added_to_those_that_are_there(formation: Any, table: dict[str, str]) -> None:
    for key in ("team", "secrecy"):
        formation.add_lf_tags_to_resource(Resource={"Table": table}, LFTags=tagged(key, "a"))
    found = formation.get_resource_lf_tags(Resource={"Table": table})
    assert keys(found["LFTagsOnTable"]) == ["team", "secrecy"]


def test_table_inherits_its_databases_tags(formation: Any, table: dict[str, str]) -> None:
    database = {"Database": {"Name": table["DatabaseName"]}}
    formation.add_lf_tags_to_resource(Resource=database, LFTags=tagged("team", "a"))
    found = formation.get_resource_lf_tags(Resource={"Table": table})
    assert keys(found["LFTagOnDatabase"]) == keys(found["LFTagsOnTable"]) == ["team"]


def test_columns_tags_are_told_with_the_table_until_they_are_removed(
    formation: Any, table: dict[str, str]
) -> None:
    columns = {"TableWithColumns": {**table, "ColumnNames": ["id"]}}
    formation.add_lf_tags_to_resource(Resource=columns, LFTags=tagged("secrecy", "b"))
    [column] = formation.get_resource_lf_tags(Resource={"Table": table})["LFTagsOnColumns"]
    assert (column["Name"], keys(column["LFTags"])) == ("id", ["secrecy"])
    formation.remove_lf_tags_from_resource(Resource=columns, LFTags=tagged("secrecy", "b"))
    assert "LFTagsOnColumns" not in formation.get_resource_lf_tags(Resource={"Table": table})


def test_tag_that_a_resource_lacks_cannot_be_removed(formation: Any, table: dict[str, str]) -> None:
    with pytest.raises(formation.exceptions.EntityNotFoundException):
        formation.remove_lf_tags_from_resource(Resource={"Table": table}, LFTags=tagged("team", "a"))
