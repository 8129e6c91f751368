"""A crawler can do what its role may do, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.glue.crawled_lake import make_role

from millpond.iam.enforcement import installed

_CSV = "id,name\n1,x\n2,y\n"
_LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
_CATALOG = {"Effect": "Allow", "Action": "glue:*", "Resource": "*"}


@pytest.fixture(autouse=True)
def enforced(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed(), "enforced", True)


def reading(bucket: str, prefix: str = "*") -> list[dict[str, Any]]:
    return [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/{prefix}"},
    ]


def with_role(lake: Any, *statements: dict[str, Any]) -> Any:
    return replace(lake, role=make_role(lake.cloud, list(statements)))


def test_role_with_what_is_needed_suffices(lake: Any) -> None:
    catalog = {
        "Effect": "Allow",
        "Action": [
            "glue:GetDatabase",
            "glue:GetTable",
            "glue:CreateTable",
            "glue:BatchGetPartition",
            "glue:BatchCreatePartition",
        ],
        "Resource": [
            "arn:aws:glue:us-east-1:000000000000:catalog",
            f"arn:aws:glue:us-east-1:000000000000:database/{lake.database}",
            f"arn:aws:glue:us-east-1:000000000000:table/{lake.database}/*",
        ],
    }
    lake = with_role(lake, _LOGS, catalog, *reading(lake.bucket, "in/*"))
    lake.put("in/p=1/1.csv", _CSV)
    assert list(lake.crawl("in/")) == ["in"]


def test_files_that_the_role_must_not_read_are_told(lake: Any) -> None:
    lake = with_role(lake, _LOGS, _CATALOG, *reading(lake.bucket, "in/open/*"))
    lake.put("in/open/1.csv", _CSV)
    lake.put("in/secret/1.json", '{"secret": 1}')
    name = lake.define("in/")
    lake.run(name)
    assert all("secret" not in str(table["StorageDescriptor"]["Columns"]) for table in lake.tables().values())
    (error,) = [line for line in lake.log(name) if line.startswith("ERROR")]
    assert "Error Access Denied" in error
    assert f"retrieving file at s3://{lake.bucket}/in/secret/1.json" in error


@pytest.mark.parametrize(
    ("missing", "action"),
    [("list", "s3:ListBucket"), ("catalog", "glue:GetDatabase"), ("logs", "logs:CreateLogStream")],
)
def test_crawl_fails_with_the_right_that_is_missing(lake: Any, missing: str, action: str) -> None:
    lake.put("in/1.csv", _CSV)
    lake.run(lake.define("in/"))
    statements = {"list": reading(lake.bucket), "catalog": [_CATALOG], "logs": [_LOGS]}
    given = [each for name, group in statements.items() if name != missing for each in group]
    lake = with_role(lake, *given)
    crawler = lake.run(lake.define("in/"), status="FAILED")
    assert f"not authorized to perform: {action}" in crawler["LastCrawl"]["ErrorMessage"]


def test_role_that_does_not_trust_glue_cannot_be_assumed(lake: Any) -> None:
    lake = replace(lake, role="arn:aws:iam::000000000000:role/no-such-role")
    crawler = lake.run(lake.define("in/"), status="FAILED")
    assert "unable to assume provided role" in crawler["LastCrawl"]["ErrorMessage"]
