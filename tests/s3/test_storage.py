"""The objects as the other services use them: kept in this process, or in another S3."""

from __future__ import annotations

import gc

import pytest

from millpond.s3 import S3Location
from millpond.s3.exceptions import (
    BucketNotFound,
    InvalidLocation,
    ObjectChanged,
    ObjectNotFound,
    StorageRefused,
)
from millpond.s3.objects import ObjectFiles
from millpond.s3.remote import RemoteObjectStorage


@pytest.fixture
def remote(cloud, tmp_path):
    return RemoteObjectStorage(cloud.endpoint_url, "us-east-1", ObjectFiles(tmp_path / "copies"))


@pytest.fixture(params=["local", "remote"])
def storage(request, cloud):
    if request.param == "local":
        return cloud.cloud.services.storage
    return request.getfixturevalue("remote")


def test_a_location_is_read_from_its_uri():
    assert S3Location.parse("s3a://b/a/c") == S3Location("b", "a/c")
    with pytest.raises(InvalidLocation, match="expected s3://bucket/prefix"):
        S3Location.parse("file:///x")


def test_bytes_are_read_back_as_they_were_put(storage, bucket):
    put = storage.put(S3Location(bucket, "k ü&+"), b"content")
    got = storage.get(S3Location(bucket, "k ü&+"))
    assert storage.read(got.location) == b"content"
    assert (got.size, got.etag) == (7, put.etag)
    assert got.path.read_bytes() == put.path.read_bytes() == b"content"


def test_a_staged_file_becomes_an_object_that_clients_see(storage, cloud, bucket):
    path = storage.new_staging_path(".parquet")
    path.write_bytes(b"staged")
    handle = storage.put(S3Location(bucket, "a/b.parquet"), path)
    assert not path.exists()
    assert handle.path.read_bytes() == b"staged"
    answer = cloud.client("s3").get_object(Bucket=bucket, Key="a/b.parquet")
    assert answer["Body"].read() == b"staged"
    assert answer["ETag"] == handle.etag


def test_files_lie_where_an_engine_may_read_them(storage, bucket):
    storage.put(S3Location(bucket, "k"), b"x")
    assert storage.get(S3Location(bucket, "k")).path.is_relative_to(storage.files_directory)


def test_listing_gives_the_keys_under_a_prefix_in_order(storage, cloud, bucket):
    for key in ("t/b", "t/a", "t2/c", "u"):
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=key.encode())
    listed = storage.list(S3Location(bucket, "t").as_folder)
    assert [handle.location.key for handle in listed] == ["t/a", "t/b"]
    assert [handle.path.read_bytes() for handle in listed] == [b"t/a", b"t/b"]


def test_deleting_takes_only_what_is_named_and_forgives_what_is_gone(storage, bucket):
    for key in ("a", "b"):
        storage.put(S3Location(bucket, key), b"x")
    storage.delete([S3Location(bucket, "a"), S3Location(bucket, "never")])
    assert [handle.location.key for handle in storage.list(S3Location(bucket, ""))] == ["b"]


def test_a_missing_object_is_named(storage, bucket):
    with pytest.raises(ObjectNotFound, match=f"s3://{bucket}/none"):
        storage.get(S3Location(bucket, "none"))


@pytest.mark.parametrize(
    "use",
    [
        lambda storage, location: storage.get(location),
        lambda storage, location: storage.list(location),
        lambda storage, location: storage.put(location, b""),
        lambda storage, location: storage.delete([location]),
    ],
    ids=["get", "list", "put", "delete"],
)
def test_a_missing_bucket_is_named(storage, use):
    with pytest.raises(BucketNotFound, match="no-such-bucket"):
        use(storage, S3Location("no-such-bucket", "k"))


def test_a_bucket_is_there_or_not(storage, bucket):
    assert storage.has_bucket(bucket)
    assert not storage.has_bucket("no-such-bucket")


def test_a_handle_reads_what_it_was_looked_up_for_though_the_object_is_replaced(storage, bucket):
    storage.put(S3Location(bucket, "k"), b"old")
    handle = storage.get(S3Location(bucket, "k"))
    path = handle.path
    storage.put(S3Location(bucket, "k"), b"new")
    gc.collect()
    assert path.read_bytes() == b"old"
    assert storage.read(S3Location(bucket, "k")) == b"new"


def test_an_object_is_fetched_once_for_all_who_read_it(remote, cloud, bucket):
    cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    location = S3Location(bucket, "k")
    assert remote.get(location).path == remote.list(location)[0].path


def test_what_another_program_replaced_is_fetched_anew(remote, cloud, bucket):
    remote.put(S3Location(bucket, "k"), b"ours")
    cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"theirs")
    assert remote.read(S3Location(bucket, "k")) == b"theirs"


def test_an_object_that_is_replaced_before_it_is_fetched_is_no_other_object(remote, cloud, bucket):
    cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"old")
    handle = remote.get(S3Location(bucket, "k"))
    cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"new")
    with pytest.raises(ObjectChanged, match=f"s3://{bucket}/k"):
        _ = handle.path


def test_a_version_is_fetched_though_it_is_no_longer_the_current_one(remote, cloud, bucket):
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    handle = remote.get(S3Location(bucket, "k"))
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    assert handle.path.read_bytes() == b"old"


def test_a_version_is_found_by_its_identifier(storage, cloud, bucket):
    s3, location = cloud.client("s3"), S3Location(bucket, "k")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"first")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"second")
    assert storage.get(location, first).path.read_bytes() == b"first"
    assert storage.get(location).path.read_bytes() == b"second"
    with pytest.raises(ObjectNotFound):
        storage.get(location, "00000000-0000-0000-0000-000000000000")


def test_copies_take_no_more_room_than_they_may(cloud, bucket, tmp_path):
    files = ObjectFiles(tmp_path / "copies")
    small = RemoteObjectStorage(cloud.endpoint_url, "us-east-1", files, cache_bytes=250)
    for number in range(5):
        small.put(S3Location(bucket, str(number)), b"x" * 100)
        if number == 0:
            held = small.get(S3Location(bucket, "0"))
            assert held.path.exists()
    gc.collect()
    assert len(list(files.directory.iterdir())) == 3, "two in the cache and the one that is held"
    assert held.path.read_bytes() == b"x" * 100


def test_an_s3_that_does_not_answer_is_named(tmp_path):
    remote = RemoteObjectStorage("http://127.0.0.1:9", "us-east-1", ObjectFiles(tmp_path))
    with pytest.raises(StorageRefused, match=r"127\.0\.0\.1:9"):
        remote.get(S3Location("b", "k"))
