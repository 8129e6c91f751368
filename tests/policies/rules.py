"""Policy as code: what every resource of a preview must be like, whatever the program says.

A rule names the types that it is about and says what is wrong with a resource. It sees the whole preview,
since much of a bucket is in resources of their own.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_program import Program, Registration

_BUCKET = "aws:s3/bucket:Bucket"
_LONGEST_LOG_RETENTION_DAYS = 731
_TAGS = frozenset({"project", "environment", "owner", "cost-centre", "data-classification", "managed-by"})
_EXPIRING = frozenset({"results", "access-logs"})
_VERSIONED = frozenset({"landing", "raw", "artifacts"})
_CLASSIFICATIONS = frozenset({"public", "internal", "confidential", "personal"})


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: What must hold.
        types: The types of resources that it is about; none means all of AWS.
        problem: What is wrong with a resource; None if nothing is.
    """

    name: str
    types: Sequence[str]
    problem: Callable[[Registration, Program], str | None]

    def broken(self, program: Program) -> Iterator[str]:
        """The resources that break it, and how."""
        for resource in program.registrations:
            is_about = resource.type in self.types if self.types else resource.type.startswith("aws:")
            if is_about and (problem := self.problem(resource, program)):
                yield f"{resource.name}: {problem}"


def _part(bucket: Registration, program: Program, resource_type: str) -> Mapping[str, Any] | None:
    """A resource that is a part of a bucket."""
    name = bucket.inputs["bucket"]
    found = (r.inputs for r in program.of_type(resource_type) if r.inputs["bucket"] == name)
    return next(found, None)


def _bucket_encrypted(bucket: Registration, program: Program) -> str | None:
    kind = "BucketServerSideEncryptionConfiguration"
    part = _part(bucket, program, f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}")
    if part is None:
        return "has no default encryption"
    default = part["rules"][0]["applyServerSideEncryptionByDefault"]
    takes_logs = bucket.name == "access-logs"
    if default["sseAlgorithm"] != ("AES256" if takes_logs else "aws:kms"):
        return f"is encrypted with {default['sseAlgorithm']}"
    if not takes_logs and not part["rules"][0].get("bucketKeyEnabled"):
        return "asks KMS for every object: turn the bucket key on"
    return None


def _bucket_private(bucket: Registration, program: Program) -> str | None:
    part = _part(bucket, program, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    if part is None:
        return "may become public"
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    left = [switch for switch in switches if not part.get(switch)]
    return f"does not {', '.join(left)}" if left else None


def _bucket_owned(bucket: Registration, program: Program) -> str | None:
    part = _part(bucket, program, "aws:s3/bucketOwnershipControls:BucketOwnershipControls")
    owned = part is not None and part["rule"]["objectOwnership"] == "BucketOwnerEnforced"
    return None if owned else "takes objects that others own"


def _bucket_tls(bucket: Registration, program: Program) -> str | None:
    part = _part(bucket, program, "aws:s3/bucketPolicy:BucketPolicy")
    return _denies_plain_http(part["policy"]) if part else "has no policy that asks for TLS"


def _bucket_logged(bucket: Registration, program: Program) -> str | None:
    if bucket.name == "access-logs":
        return None
    part = _part(bucket, program, "aws:s3/bucketLogging:BucketLogging")
    return None if part else "does not log who reads it"


def _bucket_ages(bucket: Registration, program: Program) -> str | None:
    part = _part(bucket, program, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    if part is None:
        return "keeps unfinished uploads for ever"
    ends = any("abortIncompleteMultipartUpload" in rule for rule in part["rules"])
    return None if ends else "keeps unfinished uploads for ever"


def _bucket_forgets(bucket: Registration, program: Program) -> str | None:
    """What is a copy, or about people, expires; what was delivered never does."""
    part = _part(bucket, program, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    expires = part is not None and any("expiration" in rule for rule in part["rules"])
    if expires is (bucket.name in _EXPIRING):
        return None
    return "deletes data" if expires else "keeps everything for ever"


def _bucket_remembers(bucket: Registration, program: Program) -> str | None:
    """Files that nothing can make again can be brought back, and not for ever."""
    if bucket.name not in _VERSIONED:
        return None
    part = _part(bucket, program, "aws:s3/bucketVersioning:BucketVersioning")
    if part is None or part["versioningConfiguration"]["status"] != "Enabled":
        return "cannot bring back what was overwritten"
    ages = _part(bucket, program, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    ends = ages is not None and any("noncurrentVersionExpiration" in rule for rule in ages["rules"])
    return None if ends else "keeps old versions for ever"


def _denies_plain_http(document: str) -> str | None:
    for statement in json.loads(document)["Statement"]:
        condition = statement.get("Condition", {}).get("Bool", {})
        if statement["Effect"] == "Deny" and condition.get("aws:SecureTransport") == "false":
            return None
    return "answers without TLS"


def _policy_tls(policy: Registration, _: Program) -> str | None:
    return _denies_plain_http(policy.inputs["policy"])


def _queue_encrypted(queue: Registration, _: Program) -> str | None:
    encrypted = queue.inputs.get("sqsManagedSseEnabled") or queue.inputs.get("kmsMasterKeyId")
    return None if encrypted else "is not encrypted"


def _has(attribute: str, problem: str) -> Callable[[Registration, Program], str | None]:
    return lambda resource, _: None if resource.inputs.get(attribute) else problem


def _log_group_ends(group: Registration, _: Program) -> str | None:
    days = group.inputs.get("retentionInDays") or 0
    return None if 0 < days <= _LONGEST_LOG_RETENTION_DAYS else "keeps its logs for ever"


def _stream_encrypted(stream: Registration, _: Program) -> str | None:
    return None if stream.inputs.get("encryptionType") == "KMS" else "is not encrypted"


def _workgroup_encrypted(workgroup: Registration, _: Program) -> str | None:
    results = workgroup.inputs["configuration"]["resultConfiguration"]
    option = results.get("encryptionConfiguration", {}).get("encryptionOption")
    return None if option == "SSE_KMS" else "writes results that the lake's key does not encrypt"


@functools.cache
def takes_tags(resource_type: str) -> bool:
    """Whether resources of a type can have tags, as the provider's own class says."""
    _, module, name = resource_type.split(":")
    package = module.partition("/")[0]
    # Python's own words have an underscore after them.
    found = importlib.import_module(f"pulumi_aws.{'lambda_' if package == 'lambda' else package}")
    return "tags" in inspect.signature(getattr(found, name)._internal_init).parameters


def _tagged(resource: Registration, _: Program) -> str | None:
    if not takes_tags(resource.type):
        return None
    tags = resource.inputs.get("tags", {})
    missing = sorted(_TAGS - tags.keys())
    if missing:
        return f"has no {', '.join(missing)}"
    if tags["data-classification"] not in _CLASSIFICATIONS:
        return f"is of the unknown classification {tags['data-classification']}"
    return None


def _role_bounded(role: Registration, _: Program) -> str | None:
    if role.name == "deployer-role" or role.inputs.get("permissionsBoundary"):
        return None
    return "has no boundary"


RULES: Final = (
    Rule("buckets are encrypted with the lake's key", [_BUCKET], _bucket_encrypted),
    Rule("buckets are private", [_BUCKET], _bucket_private),
    Rule("buckets own their objects", [_BUCKET], _bucket_owned),
    Rule("buckets ask for TLS", [_BUCKET], _bucket_tls),
    Rule("buckets log who reads them", [_BUCKET], _bucket_logged),
    Rule("buckets end unfinished uploads", [_BUCKET], _bucket_ages),
    Rule("copies and access logs expire, and nothing else", [_BUCKET], _bucket_forgets),
    Rule("what was delivered can be brought back", [_BUCKET], _bucket_remembers),
    Rule(
        "queues and topics ask for TLS",
        ["aws:sqs/queuePolicy:QueuePolicy", "aws:sns/topicPolicy:TopicPolicy"],
        _policy_tls,
    ),
    Rule("queues are encrypted", ["aws:sqs/queue:Queue"], _queue_encrypted),
    Rule("topics are encrypted", ["aws:sns/topic:Topic"], _has("kmsMasterKeyId", "is not encrypted")),
    Rule("streams are encrypted", ["aws:kinesis/stream:Stream"], _stream_encrypted),
    Rule("query results are encrypted", ["aws:athena/workgroup:Workgroup"], _workgroup_encrypted),
    Rule("logs are encrypted", ["aws:cloudwatch/logGroup:LogGroup"], _has("kmsKeyId", "is not encrypted")),
    Rule("logs end", ["aws:cloudwatch/logGroup:LogGroup"], _log_group_ends),
    Rule("keys rotate", ["aws:kms/key:Key"], _has("enableKeyRotation", "is never rotated")),
    Rule("roles are below the boundary", ["aws:iam/role:Role"], _role_bounded),
    Rule(
        "functions leave room for others",
        ["aws:lambda/function:Function"],
        _has("reservedConcurrentExecutions", "may take all of the account's concurrency"),
    ),
    Rule("everything says whose it is", (), _tagged),
)
