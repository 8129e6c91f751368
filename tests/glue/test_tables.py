"""Tables of the Data Catalog: versions, pages, and writers that come at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError


def create(glue: Any, database: str, name: str, **table: Any) -> None:
    glue.create_table(DatabaseName=database, TableInput={"Name": name, **table})


def version(glue: Any, database: str, name: str) -> str:
    return str(glue.get_table(DatabaseName=database, Name=name)["Table"]["VersionId"])


def test_update_of_another_version_than_the_current_is_a_concurrent_modification(
    glue: Any, database: str
) -> None:
    create(glue, database, "t")
    seen = version(glue, database, "t")
    glue.update_table(DatabaseName=database, TableInput={"Name": "t"}, VersionId=seen)
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(DatabaseName=database, TableInput={"Name": "t"}, VersionId=seen)


def test_of_writers_with_the_same_version_one_wins(cloud: Any, glue: Any, database: str) -> None:
    create(glue, database, "t")
    outcomes = []
    start = threading.Barrier(8)

    def update(number: int) -> None:
        client = cloud.client("glue")
        start.wait()
        try:
            client.update_table(
                DatabaseName=database, TableInput={"Name": "t", "Owner": str(number)}, VersionId="0"
            )
            outcomes.append("won")
        except client.exceptions.ConcurrentModificationException:
            outcomes.append("lost")

    threads = [threading.Thread(target=update, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]


def test_versions_begin_at_zero_and_are_listed_from_the_latest(glue: Any, database: str) -> None:
    create(glue, database, "t")
    for _ in range(2):
        glue.update_table(DatabaseName=database, TableInput={"Name": "t"})
    listed = glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]
    assert [entry["VersionId"] for entry in listed] == ["2", "1", "0"]


def test_update_that_skips_the_archive_leaves_no_old_version(glue: Any, database: str) -> None:
    create(glue, database, "t")
    glue.update_table(DatabaseName=database, TableInput={"Name": "t"}, SkipArchive=True)
    listed = glue.get_table_versions(DatabaseName=database, TableName="t")["TableVersions"]
    assert [entry["VersionId"] for entry in listed] == ["1"]


def test_versions_are_deleted_one_by_one_or_many_at_once(glue: Any, database: str) -> None:
    create(glue, database, "t")
    for _ in range(3):
        glue.update_table(DatabaseName=database, TableInput={"Name": "t"})
    glue.delete_table_version(DatabaseName=database, TableName="t", VersionId="0")
    answer = glue.batch_delete_table_version(DatabaseName=database, TableName="t", VersionIds=["0", "1", "2"])
    assert [(e["VersionId"], e["ErrorDetail"]["ErrorCode"]) for e in answer["Errors"]] == [
        ("0", "EntityNotFoundException")
    ]
    assert version(glue, database, "t") == "3"


def test_names_are_kept_in_lower_case(glue: Any, database: str) -> None:
    create(glue, database.upper(), "MyTable")
    assert glue.get_table(DatabaseName=database, Name="MYTABLE")["Table"]["Name"] == "mytable"
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        create(glue, database, "mytable")


def test_tables_come_in_pages_by_name(glue: Any, database: str) -> None:
    for number in range(5):
        create(glue, database, f"t{4 - number}")
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database, PaginationConfig={"PageSize": 2})
    assert [[table["Name"] for table in page["TableList"]] for page in pages] == [
        ["t0", "t1"],
        ["t2", "t3"],
        ["t4"],
    ]


def test_databases_come_in_pages(cloud: Any, glue: Any, database: str) -> None:
    first = glue.get_databases(MaxResults=1)
    assert len(first["DatabaseList"]) == 1
    names = [
        found["Name"]
        for page in glue.get_paginator("get_databases").paginate()
        for found in page["DatabaseList"]
    ]
    assert database in names


def test_wrong_token_and_size_of_pages_are_refused(glue: Any, database: str) -> None:
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.get_tables(DatabaseName=database, NextToken="bm90aGluZw==")
    with pytest.raises(ClientError, match="ValidationException"):
        glue.get_tables(DatabaseName=database, MaxResults=101)


def test_tables_are_found_by_expression_and_by_text(glue: Any, database: str) -> None:
    create(
        glue, database, "orders", StorageDescriptor={"Columns": [{"Name": f"{database}_c", "Type": "int"}]}
    )
    create(glue, database, "items")
    found = glue.get_tables(DatabaseName=database, Expression="ord*")["TableList"]
    assert [table["Name"] for table in found] == ["orders"]
    found = glue.search_tables(SearchText=f"{database}_c")["TableList"]
    assert [table["Name"] for table in found] == ["orders"]


def test_operation_that_is_not_there_is_refused_by_its_name(glue: Any) -> None:
    with pytest.raises(ClientError, match=r"UnknownOperationException.*CreateBlueprint"):
        glue.create_blueprint(Name="b", BlueprintLocation="s3://b/k")
