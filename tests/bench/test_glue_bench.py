"""What a crawl costs."""

from __future__ import annotations

import io
import time

import pyarrow as pa
import pytest
from pyarrow import parquet

pytestmark = pytest.mark.bench

_OBJECTS = 1000


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_crawl_of_a_thousand_objects(cloud, bucket, bench, kind):
    s3, glue, iam = cloud.client("s3"), cloud.client("glue"), cloud.client("iam")
    content = _content(kind)
    for number in range(_OBJECTS):
        key = f"in/year={2000 + number % 20}/month={number % 12:02}/{number}.{kind}"
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    database, crawler, role = (cloud.unique_name(name) for name in ("db", "crawler", "role"))
    glue.create_database(DatabaseInput={"Name": database})
    trust = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", '
        '"Principal": {"Service": "glue.amazonaws.com"}}}'
    )
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=policy)
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/in/"}]}
    glue.create_crawler(Name=crawler, Role=arn, DatabaseName=database, Targets=targets)

    def crawl() -> None:
        glue.start_crawler(Name=crawler)
        while glue.get_crawler(Name=crawler)["Crawler"]["State"] != "READY":
            time.sleep(0.02)

    began = time.perf_counter()
    crawl()
    bench.line(f"Glue crawl, {_OBJECTS} {kind} objects", f"{time.perf_counter() - began:.2f} s", "5 s")
    table = glue.get_table(DatabaseName=database, Name="in")["Table"]
    assert table["Parameters"]["objectCount"] == str(_OBJECTS)


def _content(kind: str) -> bytes:
    if kind == "csv":
        return b"id,name,price\n" + b"".join(b"%d,name,%d.5\n" % (n, n) for n in range(1000))
    content = io.BytesIO()
    parquet.write_table(pa.table({"id": range(1000), "price": [1.5] * 1000}), content)
    return content.getvalue()
