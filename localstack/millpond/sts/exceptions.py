"""What STS refuses, in its own codes and words.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from moto.sts.exceptions import STSClientError


class AccessDeniedError(STSClientError):
    """The caller may not."""

    code = "AccessDenied"


class InvalidClientTokenIdError(STSClientError):
    """Nobody has the access key."""

    code = "InvalidClientTokenId"
    message = "The security token included in the request is invalid."


class ExpiredTokenError(STSClientError):
    """The caller's session, or the token that was handed in, is over."""

    code = "ExpiredTokenException"


class ExpiredCredentialsError(STSClientError):
    """The caller's own credentials are over."""

    code = "ExpiredToken"
    message = "The security token included in the request is expired"


class InvalidIdentityTokenError(STSClientError):
    """A token or assertion that does not come from a provider that the account knows."""

    code = "InvalidIdentityToken"


class MalformedPolicyDocumentError(STSClientError):
    """A session policy that is none."""

    code = "MalformedPolicyDocument"


class ValidationError(STSClientError):
    """A parameter that cannot be."""

    code = "ValidationError"


class UnsupportedError(STSClientError):
    """What the local cloud does not do."""

    code = "NotImplemented"
