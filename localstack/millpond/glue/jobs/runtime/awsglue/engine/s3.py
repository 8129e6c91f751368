"""The objects of a source, listed with the job's credentials."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import unquote

import boto3

from .bookmarks import SourceObject

NO_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"
"""What a folder says in the place of a value that is null."""


@functools.cache
def s3_client() -> Any:
    """The process's client; the environment has the endpoint and the role's credentials."""
    return boto3.client("s3")


@functools.cache
def glue_client() -> Any:
    """The process's client."""
    return boto3.client("glue")


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The two parts of `s3://bucket/key`."""
    scheme, separator, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if not separator or scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise ValueError(f"{uri} is no S3 address")
    return bucket, key


def source_objects(uri: str, exclusions: Sequence[str] = (), *, recurse: bool = True) -> list[SourceObject]:
    """The objects at or under an address that hold data: none of `_x` or `.x`, none that is excluded.

    Args:
        uri: Of an object, or of a folder.
        exclusions: Globs over whole addresses, as `**.tmp`.
        recurse: Whether folders in the folder count.
    """
    bucket, key = bucket_and_key(uri)
    folder = key if not key or key.endswith("/") else f"{key}/"
    found = []
    for item in _listed(bucket, key):
        name = item["Key"]
        if name != key and not name.startswith(folder):
            continue  # a/bc is not in a/b
        inside = name[len(folder) :] if name.startswith(folder) else name.rpartition("/")[2]
        parts = inside.split("/")
        hidden = any(part.startswith(("_", ".")) for part in parts if "=" not in part)
        if not parts[-1] or hidden or (len(parts) > 1 and not recurse) or parts[-1].endswith("_$folder$"):
            continue
        address = f"s3://{bucket}/{name}"
        if not any(fnmatch.fnmatchcase(address, pattern.replace("**", "*")) for pattern in exclusions):
            modified = item["LastModified"].isoformat(timespec="microseconds")
            storage = item.get("StorageClass", "STANDARD")
            found.append(SourceObject(address, modified, item["Size"], storage))
    return found


def folder_values(uri: str, base: str) -> dict[str, str | None]:
    """The values that folders `k=v` below a base tell of an object."""
    folders = uri[len(base.rstrip("/")) + 1 :].split("/")[:-1]
    named = [folder.partition("=") for folder in folders if "=" in folder]
    return {key: None if value == NO_VALUE else unquote(value) for key, _, value in named}


def delete(objects: Iterable[SourceObject]) -> None:
    """Delete objects."""
    for item in objects:
        bucket, key = bucket_and_key(item.uri)
        s3_client().delete_object(Bucket=bucket, Key=key)


def _listed(bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    for page in s3_client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get("Contents", ())
