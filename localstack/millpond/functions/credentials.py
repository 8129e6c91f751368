"""The credentials that an environment gets: its role's, from STS."""

from __future__ import annotations

from dataclasses import dataclass

from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from millpond.functions.definition import FunctionDefinition

# Environments live shorter than that, as on AWS.
SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True)
class RoleCredentials:
    """A session of a role."""

    access_key_id: str
    secret_access_key: str
    session_token: str


def assume_role(definition: FunctionDefinition) -> RoleCredentials:
    """A new session of the function's role, named after the function as on AWS."""
    session = sts_backends[definition.account_id][get_partition(definition.region)].assume_role(
        region_name=definition.region,
        role_session_name=definition.name,
        role_arn=definition.role,
        policy="",
        duration=SESSION_SECONDS,
        external_id="",
    )
    return RoleCredentials(session.access_key_id, session.secret_access_key, session.session_token)
