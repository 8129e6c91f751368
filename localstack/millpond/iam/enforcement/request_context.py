"""The condition keys of a request that are the same for every service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.templates import as_text

Context = dict[str, tuple[str, ...]]

_TAG_PARAMETERS = ("Tags", "tags", "TagList", "tagSet", "ResourceTags")
_TAG_KEY_PARAMETERS = ("TagKeys", "tagKeys", "TagKeyList", "ResourceTagKeys")
_TAG_SPECIFICATIONS = "TagSpecifications"
"""EC2's: tags for each kind of what a call makes."""


def request_context(call: ServiceCall, environ: Mapping[str, Any]) -> Context:
    """What a request says of itself.

    `aws:SecureTransport` is true, although the endpoint speaks plain HTTP: nobody can read along, since the
    request never leaves the machine, and a bucket whose policy demands TLS, as every bucket's should, has
    to work here as it will on AWS.
    """
    context = _common(call)
    context["aws:SourceIp"] = (str(environ.get("REMOTE_ADDR") or "127.0.0.1"),)
    context["aws:ViaAWSService"] = ("false",)
    if "HTTP_USER_AGENT" in environ:
        context["aws:UserAgent"] = (environ["HTTP_USER_AGENT"],)
    if "HTTP_REFERER" in environ:
        context["aws:Referer"] = (environ["HTTP_REFERER"],)
    context.update(_tags(call))
    if call.service == "s3":
        context.update(_s3_keys(call, environ))
    return context


def service_context(call: ServiceCall, via: str) -> Context:
    """What a service's call on somebody's behalf says of itself; it has no address of his.

    Args:
        call: The call.
        via: The service, as `athena.amazonaws.com`; empty where a service acts for itself.
    """
    context = _common(call)
    context["aws:ViaAWSService"] = ("true" if via else "false",)
    if via:
        context["aws:CalledVia"] = context["aws:CalledViaFirst"] = context["aws:CalledViaLast"] = (via,)
    return context


def _common(call: ServiceCall) -> Context:
    now = datetime.datetime.now(datetime.UTC)
    return {
        "aws:CurrentTime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:EpochTime": (str(int(now.timestamp())),),
        "aws:RequestedRegion": (call.region,),
        "aws:SecureTransport": ("true",),
    }


def _tags(call: ServiceCall) -> Context:
    """The tags that a call would set, and the keys of those that it would set or remove."""
    context: Context = {}
    keys: list[str] = []
    specified = call.parameters.get(_TAG_SPECIFICATIONS) or ()
    for given in (
        *(call.parameters.get(name) for name in _TAG_PARAMETERS),
        *(each.get("Tags") for each in specified if isinstance(each, Mapping)),
    ):
        pairs = given.items() if isinstance(given, Mapping) else _pairs(given)
        for key, value in pairs:
            context[f"aws:RequestTag/{key}"] = (as_text(value),)
            keys.append(str(key))
    for name in _TAG_KEY_PARAMETERS:
        named = call.parameters.get(name)
        if isinstance(named, list):
            keys += [str(key) for key in named if not isinstance(key, Mapping)]
    if keys:
        context["aws:TagKeys"] = tuple(keys)
    return context


def _pairs(tags: Any) -> list[tuple[str, Any]]:
    """The tags of a list, in any of the spellings that services have for a key and a value."""
    pairs = []
    for tag in tags if isinstance(tags, list) else []:
        if isinstance(tag, Mapping):
            key = tag.get("Key", tag.get("key", tag.get("TagKey")))
            if key is not None:
                pairs.append((str(key), tag.get("Value", tag.get("value", tag.get("TagValue", "")))))
    return pairs


def _s3_keys(call: ServiceCall, environ: Mapping[str, Any]) -> Context:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html."""
    context: Context = {"s3:TlsVersion": ("1.3",)}
    if call.authentication:
        context["s3:authType"] = (call.authentication,)
        context["s3:signatureversion"] = (call.signature_version,)
    if call.signed_at is not None:
        age = datetime.datetime.now(datetime.UTC) - call.signed_at
        context["s3:signatureAge"] = (str(int(age.total_seconds() * 1000)),)
    if "HTTP_X_AMZ_CONTENT_SHA256" in environ:
        context["s3:x-amz-content-sha256"] = (environ["HTTP_X_AMZ_CONTENT_SHA256"],)
    if location := call.parameters.get("LocationConstraint"):
        context["s3:LocationConstraint"] = (str(location),)
    tagging = call.parameters.get("Tagging")
    if isinstance(tagging, str):
        tags = parse_qsl(tagging, keep_blank_values=True)
        context.update({f"s3:RequestObjectTag/{key}": (value,) for key, value in tags})
        context["s3:RequestObjectTagKeys"] = tuple(key for key, _ in tags)
    return context
