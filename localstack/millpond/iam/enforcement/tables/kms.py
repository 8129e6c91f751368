"""AWS Key Management Service, whose keys' policies and grants mostly speak of more than actions and keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Mapping

from millpond.iam.enforcement import lookups
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.lookups import key, key_of_alias
from millpond.iam.enforcement.rules import Derived, ServiceTable, also, needing, on
from millpond.iam.enforcement.tables.encryption import encryption_context

_ALIAS = "arn:{$partition}:kms:{$region}:{$account}:{AliasName}"


def _caller(call: ServiceCall) -> dict[str, tuple[str, ...]]:
    return {"kms:CallerAccount": (call.caller.account,)} if call.caller.account else {}


def _context(parameter: str) -> Derived:
    """The encryption context that a parameter holds, and the alias by which the key is named."""

    def derived(call: ServiceCall) -> Mapping[str, tuple[str, ...]]:
        given = call.parameters.get(parameter)
        pairs = {str(name): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
        named = str(call.parameters.get("KeyId") or "").rpartition(":")[2]
        alias = {"kms:RequestAlias": (named,)} if named.startswith("alias/") else {}
        return {**_caller(call), **alias, **encryption_context(pairs)}

    return derived


def _granting(call: ServiceCall) -> Mapping[str, tuple[str, ...]]:
    """What a grant would let whom do."""
    constraints = call.parameters.get("Constraints")
    kinds = tuple(constraints) if isinstance(constraints, Mapping) else ()
    return {
        **_caller(call),
        "kms:GrantIsForAWSResource": ("false",),
        **({"kms:GrantConstraintType": kinds} if kinds else {}),
    }


KMS = ServiceTable(
    "kms",
    on(
        "CancelKeyDeletion DeleteImportedKeyMaterial DescribeKey DisableKey DisableKeyRotation EnableKey "
        "EnableKeyRotation GenerateMac GetKeyPolicy GetKeyRotationStatus GetParametersForImport "
        "GetPublicKey ImportKeyMaterial ListGrants ListKeyPolicies ListKeyRotations ListResourceTags "
        "PutKeyPolicy ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign "
        "TagResource UntagResource UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac "
        "DeriveSharedSecret",
        key,
        derived=_caller,
    ),
    on(
        "CreateGrant",
        key,
        keys={
            "kms:GranteePrincipal": "GranteePrincipal",
            "kms:GrantOperations": "Operations",
            "kms:RetiringPrincipal": "RetiringPrincipal",
        },
        derived=_granting,
    ),
    on(
        "Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext "
        "GenerateDataKeyWithoutPlaintext",
        key,
        derived=_context("EncryptionContext"),
    ),
    on("Decrypt", lookups.decrypting_key, derived=_context("EncryptionContext")),
    needing(
        "ReEncrypt",
        also("kms:ReEncryptFrom", lookups.source_key, derived=_context("SourceEncryptionContext")),
        also("kms:ReEncryptTo", lookups.destination_key, derived=_context("DestinationEncryptionContext")),
    ),
    on("CreateAlias", _ALIAS, key, derived=_caller),
    on("UpdateAlias", _ALIAS, key, key_of_alias, derived=_caller),
    on("DeleteAlias", _ALIAS, key_of_alias, derived=_caller),
)
