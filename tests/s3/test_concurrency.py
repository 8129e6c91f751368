"""What many clients do to one bucket at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.s3.models import FakeBucket

from conftest import RunningCloud

LISTINGS: dict[str, Callable[[FakeBucket], Iterator[Any]]] = {
    "objects": lambda bucket: iter(bucket.keys.items()),
    "versions": lambda bucket: (versions[0] for _, versions in bucket.keys.iterlists()),
    "values": lambda bucket: iter(bucket.keys.values()),
}


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_listing_shows_what_was_there_when_it_began(
    cloud: RunningCloud, bucket: str, listing: Callable[[FakeBucket], Iterator[Any]]
) -> None:
    s3 = cloud.client("s3")
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    listed = listing(cloud.cloud.services.storage._backend.get_bucket(bucket))
    next(listed)
    s3.delete_object(Bucket=bucket, Key="b")
    s3.put_object(Bucket=bucket, Key="d", Body=b"")
    assert len(list(listed)) == 2


def test_object_that_two_delete_at_once_is_gone(cloud: RunningCloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    for number in range(20):
        s3.put_object(Bucket=bucket, Key=f"k{number}", Body=b"")
    objects = {"Objects": [{"Key": f"k{number}"} for number in range(20)]}
    errors: list[object] = []

    def delete() -> None:
        errors.extend(s3.delete_objects(Bucket=bucket, Delete=objects).get("Errors", []))

    both = [threading.Thread(target=delete) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert errors == []
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
