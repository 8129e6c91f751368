"""The credentials of an environment's workers, handed out as a container's are.

MWAA's workers are containers: every AWS SDK in them asks the address in
`AWS_CONTAINER_CREDENTIALS_FULL_URI` for the execution role's credentials, and again before they run out. An
Airflow outside of this process that is given the address of this page works in just the same way.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

from typing import Final

from millpond.iam.enforcement import service_session

PAGE: Final = "/_millpond/mwaa/credentials/"

_PRINCIPAL: Final = "airflow-env.amazonaws.com"
_SESSION: Final = "AmazonMWAA-airflow"


def worker_credentials(role_arn: str) -> dict[str, str]:
    """Credentials of a role for the workers of an environment, in the form that AWS SDKs read.

    Raises:
        RoleNotAssumableError: There is no such role, or it does not trust MWAA.
    """
    session = service_session(role_arn, _PRINCIPAL, _SESSION)
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "Token": session.session_token,
        "Expiration": session.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
