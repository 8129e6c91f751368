"""What a role may do with the lake's key: only through the services that encrypt with it."""

from __future__ import annotations

from collections.abc import Sequence

from infra.naming import Naming
from infra.policies.document import Statement


def decrypt(naming: Naming, key_arn: str, *services: str) -> tuple[Statement, ...]:
    """Read what services such as `s3` have encrypted with the key."""
    return _use("Decrypt", naming, key_arn, ("kms:Decrypt",), services)


def encrypt(naming: Naming, key_arn: str, *services: str) -> tuple[Statement, ...]:
    """Write what services encrypt with the key; nothing that is there can be read with it."""
    return _use("Encrypt", naming, key_arn, ("kms:GenerateDataKey",), services)


def decrypt_and_encrypt(naming: Naming, key_arn: str, *services: str) -> tuple[Statement, ...]:
    """Read and write; uploads in parts need both."""
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    return _use("DecryptAndEncrypt", naming, key_arn, actions, services)


def _use(
    sid: str, naming: Naming, key_arn: str, actions: Sequence[str], services: Sequence[str]
) -> tuple[Statement, ...]:
    via = [naming.endpoint(service) for service in services]
    return (Statement(sid, actions, (key_arn,), condition={"StringEquals": {"kms:ViaService": via}}),)
