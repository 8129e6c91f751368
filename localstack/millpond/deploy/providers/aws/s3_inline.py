"""Settings that older programs give with the bucket itself, where newer ones have a resource for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from millpond.deploy.providers.aws.declaration import Inputs
from millpond.deploy.providers.aws.mapping import member


def put_inline(s3: Any, bucket: str, old: Inputs, new: Inputs) -> None:
    """Set what the program gives, and take away what it no longer gives."""
    for name, (put, remove) in _INLINE.items():
        if name in new:
            put(s3, bucket, new[name])
        elif name in old:
            remove(s3, bucket)


def _put_website(s3: Any, bucket: str, website: Mapping[str, Any]) -> None:
    nested = dict(website)
    if "indexDocument" in nested:
        nested["indexDocument"] = {"suffix": nested["indexDocument"]}
    if "errorDocument" in nested:
        nested["errorDocument"] = {"key": nested["errorDocument"]}
    if "redirectAllRequestsTo" in nested:
        nested["redirectAllRequestsTo"] = {"hostName": nested["redirectAllRequestsTo"]}
    configuration = member(s3, "PutBucketWebsite", "WebsiteConfiguration", nested)
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)


def _remove_website(s3: Any, bucket: str) -> None:
    s3.delete_bucket_website(Bucket=bucket)


def _put_versioning(s3: Any, bucket: str, versioning: Mapping[str, Any]) -> None:
    if versioning.get("enabled"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    elif s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled":
        _suspend_versioning(s3, bucket)


def _suspend_versioning(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


def _put_encryption(s3: Any, bucket: str, encryption: Mapping[str, Any]) -> None:
    rules = {"rules": [encryption["rule"]]}
    configuration = member(s3, "PutBucketEncryption", "ServerSideEncryptionConfiguration", rules)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)


def _remove_encryption(s3: Any, bucket: str) -> None:
    s3.delete_bucket_encryption(Bucket=bucket)


def _put_cors(s3: Any, bucket: str, rules: list[Any]) -> None:
    configuration = member(s3, "PutBucketCors", "CORSConfiguration", {"corsRules": rules})
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=configuration)


def _remove_cors(s3: Any, bucket: str) -> None:
    s3.delete_bucket_cors(Bucket=bucket)


_Put = Callable[[Any, str, Any], None]
_Remove = Callable[[Any, str], None]

_INLINE: Final[Mapping[str, tuple[_Put, _Remove]]] = {
    "website": (_put_website, _remove_website),
    "versioning": (_put_versioning, _suspend_versioning),
    "serverSideEncryptionConfiguration": (_put_encryption, _remove_encryption),
    "corsRules": (_put_cors, _remove_cors),
}

INLINE_PROPERTIES: Final = frozenset(_INLINE)
