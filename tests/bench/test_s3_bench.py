"""What a request costs."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.bench


def test_objects(cloud, bucket, bench):
    s3 = cloud.client("s3")
    small, large = b"x" * 1024, b"x" * 8 * 2**20

    def read(key: str) -> None:
        s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    bench.milliseconds(
        "S3 put, 1 KiB", lambda n: s3.put_object(Bucket=bucket, Key=f"s{n}", Body=small), 200, 3
    )
    bench.milliseconds("S3 get, 1 KiB", lambda n: read(f"s{n}"), 200, 3)
    bench.milliseconds(
        "S3 put, 8 MiB", lambda n: s3.put_object(Bucket=bucket, Key=f"l{n}", Body=large), 10, 60
    )
    bench.milliseconds("S3 get, 8 MiB", lambda n: read(f"l{n}"), 10, 12)
