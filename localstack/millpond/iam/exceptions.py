"""What can be wrong with a caller's credentials; each service says it with a code of its own."""

from __future__ import annotations


class CredentialsError(Exception):
    """The credentials of a request are not good.

    Attributes:
        access_key_id: The key that the request names.
    """

    def __init__(self, access_key_id: str, message: str) -> None:
        super().__init__(message)
        self.access_key_id = access_key_id


class UnknownAccessKeyError(CredentialsError):
    """Nobody has this access key: `InvalidClientTokenId`, `InvalidAccessKeyId`, ... by service."""

    def __init__(self, access_key_id: str) -> None:
        super().__init__(access_key_id, "The security token included in the request is invalid.")


class InvalidSessionTokenError(CredentialsError):
    """The session token is not the one that belongs to the access key: `InvalidToken`, ... by service."""

    def __init__(self, access_key_id: str) -> None:
        super().__init__(access_key_id, "The security token included in the request is invalid.")


class ExpiredSessionError(CredentialsError):
    """The session is over: `ExpiredToken`, `ExpiredTokenException` by service."""

    def __init__(self, access_key_id: str) -> None:
        super().__init__(access_key_id, "The security token included in the request is expired")
