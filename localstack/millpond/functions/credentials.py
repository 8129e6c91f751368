"""The credentials that an environment gets: its role's, from STS."""

from __future__ import annotations

from millpond.functions.definition import FunctionDefinition
from millpond.functions.exceptions import InvalidParameterValue
from millpond.iam.enforcement import RoleCredentials, RoleNotAssumableError, check_trust, service_session

# Environments live shorter than that, as on AWS.
SESSION_SECONDS = 12 * 3600

PRINCIPAL = "lambda.amazonaws.com"


def assume_role(definition: FunctionDefinition) -> RoleCredentials:
    """A new session of the function's role, named after the function as on AWS.

    Raises:
        RoleNotAssumableError: The role is gone, or trusts Lambda no longer.
    """
    return service_session(
        definition.role,
        PRINCIPAL,
        definition.name,
        source_arn=definition.arn,
        duration_seconds=SESSION_SECONDS,
    )


def check_role(role_arn: str, function_arn: str) -> None:
    """Make sure that a function, which need not exist yet, can have this role.

    Raises:
        InvalidParameterValue: There is no such role, or it does not trust Lambda.
    """
    try:
        check_trust(role_arn, PRINCIPAL, source_arn=function_arn)
    except RoleNotAssumableError:
        raise InvalidParameterValue(
            "The role defined for the function cannot be assumed by Lambda."
        ) from None
