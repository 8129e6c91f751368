"""Buckets and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from millpond.deploy.providers.aws.api import Api, call, unless_missing
from millpond.deploy.providers.aws.declaration import Inputs
from millpond.deploy.providers.aws.drift.compared import Compared, Reader, pairs
from millpond.deploy.providers.aws.mapping import member
from millpond.deploy.providers.aws.s3 import Bucket
from millpond.deploy.providers.aws.s3_part import BucketPart


def _bucket(declaration: Bucket, api: Api, id_: str, inputs: Inputs) -> Compared:
    tagging = unless_missing(lambda: api.client("s3").get_bucket_tagging(Bucket=id_)) or {}
    return Compared({}, {}, tags=pairs(tagging.get("TagSet", [])))


def _bucket_part(declaration: BucketPart, api: Api, id_: str, inputs: Inputs) -> Compared:
    """A part is put whole, so that what differs inside belongs to its only property, or to a member."""
    s3, parameter = api.client("s3"), declaration.parameter
    content = member(
        s3, f"Put{declaration.operation}", parameter, declaration.content(inputs), declaration.renames
    )
    answer = call(s3, f"Get{declaration.operation}", {"Bucket": id_})
    answer.pop("ResponseMetadata", None)
    if not isinstance(content, Mapping):
        return Compared({parameter: content}, answer, declaration.renames)
    found = answer.get(parameter, answer)
    names = {name: declaration.renames.get(name, name[:1].lower() + name[1:]) for name in content}
    own = next(iter(declaration.properties - {"bucket"}))
    if len(declaration.properties) == 2 and any(name not in inputs for name in names.values()):
        return Compared({own: content}, {own: found})
    return Compared(content, {name: found.get(name) for name in content}, names)


READERS: Final[tuple[Reader, ...]] = ((Bucket, _bucket), (BucketPart, _bucket_part))
