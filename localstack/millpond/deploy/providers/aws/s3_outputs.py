"""What a bucket has beside its name, as the provider tells it: as made, and as it is after a while.

The parts are read one by one only where what others did to the bucket matters; a new one has what AWS
documents for a new one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from millpond.deploy.providers.aws.api import Api, call, unless_missing
from millpond.deploy.providers.aws.declaration import Inputs, Outputs
from millpond.deploy.providers.aws.mapping import properties_of

HOSTED_ZONES: Final[Mapping[str, str]] = {
    "af-south-1": "Z83WF9RJE8B12",
    "ap-east-1": "ZNB98KWMFR0R6",
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
    "ap-northeast-2": "Z3W03O7B5YMIYP",
    "ap-northeast-3": "Z2YQB5RD63NC85",
    "ap-south-1": "Z11RGJOFQNVJUP",
    "ap-south-2": "Z02976202B4EZMXIPMXF7",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
    "ap-southeast-2": "Z1WCIGYICN2BYD",
    "ap-southeast-3": "Z01846753K324LI26A3VV",
    "ap-southeast-4": "Z0312387243XT5FE14WFO",
    "ca-central-1": "Z1QDHH18159H29",
    "ca-west-1": "Z03565811Z33SLEZTHOUL",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-central-2": "Z030506016YDQGETNASS",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "eu-south-1": "Z30OZKI7KPW7MI",
    "eu-south-2": "Z0081959F7139GRJC19J",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "il-central-1": "Z09640613K4A3MN55U7GU",
    "me-central-1": "Z06143092I8HRXZRUZROF",
    "me-south-1": "Z1MPMWCPA7YB62",
    "sa-east-1": "Z7KQH4QJS55SO",
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
}
"""Of https://docs.aws.amazon.com/general/latest/gr/s3.html: the zones of S3's web sites."""

_NEW: Final[Outputs] = {
    "accelerationStatus": "",
    "corsRules": [],
    "lifecycleRules": [],
    "logging": None,
    "objectLockConfiguration": None,
    "policy": "",
    "replicationConfiguration": None,
    "requestPayer": "BucketOwner",
    "serverSideEncryptionConfiguration": {
        "rule": {
            "applyServerSideEncryptionByDefault": {"kmsMasterKeyId": "", "sseAlgorithm": "AES256"},
            "bucketKeyEnabled": False,
        }
    },
    "versioning": {"enabled": False, "mfaDelete": False},
    "website": None,
}
_LOCKED: Final[Outputs] = {
    "objectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": None},
    "versioning": {"enabled": True, "mfaDelete": False},
}

PARTS: Final = frozenset({*_NEW, "grants"})
"""The outputs that resources of their own can change."""


def new_bucket(api: Api, inputs: Inputs) -> Outputs:
    """The parts of a bucket that was just made, where the program gives none."""
    owner = {"id": api.canonical_user, "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}
    parts = {**_NEW, "grants": [owner], **(_LOCKED if inputs.get("objectLockEnabled") else {})}
    return {name: parts[name] for name in sorted(PARTS - inputs.keys())}


def present_bucket(api: Api, bucket: str, inputs: Inputs) -> Outputs:
    """The parts of a bucket as they are now, where the program gives none."""
    s3 = api.client("s3")

    def asked(operation: str) -> Any:
        return unless_missing(lambda: call(s3, operation, {"Bucket": bucket})) or {}

    return {name: _PARTS[name](asked) for name in sorted(PARTS - inputs.keys())}


Ask = Callable[[str], Any]


def _grants(ask: Ask) -> Any:
    grants: dict[tuple[str, str, str], list[str]] = {}
    for grant in ask("GetBucketAcl").get("Grants", ()):
        grantee = grant["Grantee"]
        who = (grantee.get("ID", ""), grantee["Type"], grantee.get("URI", ""))
        grants.setdefault(who, []).append(grant["Permission"])
    return [
        {"id": id_, "permissions": sorted(permissions), "type": kind, "uri": uri}
        for (id_, kind, uri), permissions in grants.items()
    ]


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    given = rule.get("Filter", {})
    both = given.get("And", {})
    tags = both.get("Tags", [given["Tag"]] if "Tag" in given else [])
    aborted = rule.get("AbortIncompleteMultipartUpload", {})
    expiration = rule.get("Expiration")
    noncurrent = rule.get("NoncurrentVersionExpiration")
    return {
        "id": rule.get("ID", ""),
        "enabled": rule["Status"] == "Enabled",
        "prefix": rule.get("Prefix") or given.get("Prefix") or both.get("Prefix", ""),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "abortIncompleteMultipartUploadDays": aborted.get("DaysAfterInitiation", 0),
        "expiration": _dated(expiration) if expiration else None,
        "noncurrentVersionExpiration": {"days": noncurrent["NoncurrentDays"]} if noncurrent else None,
        "noncurrentVersionTransitions": [
            {"days": item["NoncurrentDays"], "storageClass": item["StorageClass"]}
            for item in rule.get("NoncurrentVersionTransitions", ())
        ],
        "transitions": [_dated(item) for item in rule.get("Transitions", ())],
    }


def _dated(content: Mapping[str, Any]) -> dict[str, Any]:
    """Days or a date, as a text."""
    told = properties_of(content)
    return {**told, "date": content["Date"].date().isoformat()} if "Date" in content else dict(told)


def _lock(ask: Ask) -> Any:
    found = ask("GetObjectLockConfiguration").get("ObjectLockConfiguration")
    return {"rule": None, **properties_of(found)} if found else None


def _encryption(ask: Ask) -> Any:
    rules = ask("GetBucketEncryption").get("ServerSideEncryptionConfiguration", {}).get("Rules")
    if not rules:
        return None
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
    return {
        "rule": {
            "applyServerSideEncryptionByDefault": {
                "kmsMasterKeyId": default.get("KMSMasterKeyID", ""),
                "sseAlgorithm": default.get("SSEAlgorithm", ""),
            },
            "bucketKeyEnabled": rules[0].get("BucketKeyEnabled", False),
        }
    }


def _versioning(ask: Ask) -> Any:
    found = ask("GetBucketVersioning")
    return {"enabled": found.get("Status") == "Enabled", "mfaDelete": found.get("MFADelete") == "Enabled"}


def _website(ask: Ask) -> Any:
    found = ask("GetBucketWebsite")
    redirected = found.get("RedirectAllRequestsTo", {})
    told = {
        "indexDocument": found.get("IndexDocument", {}).get("Suffix", ""),
        "errorDocument": found.get("ErrorDocument", {}).get("Key", ""),
        "redirectAllRequestsTo": redirected.get("HostName", ""),
        "routingRules": json.dumps(found["RoutingRules"]) if "RoutingRules" in found else "",
    }
    return told if any(told.values()) else None


_PARTS: Final[Mapping[str, Callable[[Ask], Any]]] = {
    "accelerationStatus": lambda ask: ask("GetBucketAccelerateConfiguration").get("Status", ""),
    "corsRules": lambda ask: [
        properties_of({name: value for name, value in rule.items() if name != "ID"})
        for rule in ask("GetBucketCors").get("CORSRules", ())
    ],
    "grants": _grants,
    "lifecycleRules": lambda ask: [
        _lifecycle_rule(rule) for rule in ask("GetBucketLifecycleConfiguration").get("Rules", ())
    ],
    "logging": lambda ask: properties_of(ask("GetBucketLogging").get("LoggingEnabled")),
    "objectLockConfiguration": _lock,
    "policy": lambda ask: ask("GetBucketPolicy").get("Policy", ""),
    "replicationConfiguration": lambda ask: properties_of(
        ask("GetBucketReplication").get("ReplicationConfiguration"), {"ID": "id"}
    ),
    "requestPayer": lambda ask: ask("GetBucketRequestPayment").get("Payer", ""),
    "serverSideEncryptionConfiguration": _encryption,
    "versioning": _versioning,
    "website": _website,
}
