"""Tokens of OpenID Connect providers: what GitHub's workflows, or an identity provider of one's own, hand in.

A token's issuer must be a provider that the account knows (CreateOpenIDConnectProvider), its audience one of
the provider's client ids, and it must not have ended. Its signature is checked with the issuer's published
keys where the issuer runs on this machine; the keys of any other issuer are on the network, where the local
cloud never goes, so that the signatures of such tokens are not checked.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlparse

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from moto.iam.models import IAMBackend, OpenIDConnectProvider

from millpond.sts.exceptions import ExpiredTokenError, InvalidIdentityTokenError

_TIMEOUT_SECONDS: Final = 5
_PARTS: Final = 3


@dataclass(frozen=True)
class IdentityToken:
    """A token that has been accepted.

    Attributes:
        provider: The ARN of the identity provider.
        issuer: As condition keys begin: the issuer without `https://`.
        audience: The application that the token is for.
        subject: Whom it is about.
        methods: `amr`: how he was authenticated.
    """

    provider: str
    issuer: str
    audience: str
    subject: str
    methods: tuple[str, ...] = ()

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The condition keys that trust policies and the session's policies see."""
        keys: dict[str, tuple[str, ...]] = {
            f"{self.issuer}:aud": (self.audience,),
            f"{self.issuer}:sub": (self.subject,),
        }
        return {**keys, f"{self.issuer}:amr": self.methods} if self.methods else keys


def accept(token: str, iam: IAMBackend, now: datetime) -> IdentityToken:
    """Hold a token against the account's providers.

    Raises:
        InvalidIdentityTokenError: It is none, nobody here knows its issuer, its audience is another, or its
            signature is wrong.
        ExpiredTokenError: It has ended.
    """
    claims = _claims(token)
    provider = _provider(iam, str(claims.get("iss", "")))
    if _is_on_this_machine(str(claims["iss"])):
        _check_signature(token, str(claims["iss"]))
    if "exp" in claims and datetime.fromtimestamp(float(claims["exp"]), UTC) <= now:
        raise ExpiredTokenError("Token expired: current date/time must be before the expiration date/time")
    audience = _audience(claims, provider)
    methods = claims.get("amr", ())
    return IdentityToken(
        provider.arn,
        provider.url.removesuffix("/"),
        audience,
        str(claims.get("sub", "")),
        tuple(methods) if isinstance(methods, list) else (),
    )


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    try:
        claims = json.loads(_decoded(parts[1])) if len(parts) == _PARTS else None
    except (binascii.Error, ValueError):
        claims = None
    if not isinstance(claims, dict):
        raise InvalidIdentityTokenError(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        )
    return claims


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _provider(iam: IAMBackend, issuer: str) -> OpenIDConnectProvider:
    address = urlparse(issuer)
    name = (address.netloc + address.path).removesuffix("/")
    for provider in iam.open_id_providers.values():
        if provider.url.removesuffix("/") == name:
            return provider
    raise InvalidIdentityTokenError(f"No OpenIDConnect provider found in your account for {issuer}")


def _audience(claims: dict[str, Any], provider: OpenIDConnectProvider) -> str:
    """The token's audience; where an authorised party is named, that one."""
    audience = claims.get("azp") or claims.get("aud", ())
    named = [audience] if isinstance(audience, str) else list(audience)
    for each in named:
        if each in provider.client_id_list:
            return str(each)
    raise InvalidIdentityTokenError("Incorrect token audience")


def _is_on_this_machine(issuer: str) -> bool:
    host = urlparse(issuer).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_signature(token: str, issuer: str) -> None:
    try:
        settings = _read(f"{issuer.removesuffix('/')}/.well-known/openid-configuration")
        published = str(settings["jwks_uri"])
        if not _is_on_this_machine(published):
            raise InvalidIdentityTokenError(f"The keys of {issuer} are not on this machine: {published}")
        jwt.decode(token, KeySet.import_key_set(_read(published)), algorithms=["RS256", "ES256"])
    except (URLError, KeyError, ValueError, JoseError) as error:
        raise InvalidIdentityTokenError(
            "Couldn't retrieve verification key from your identity provider, "
            "please reference AssumeRoleWithWebIdentity documentation for requirements"
            if isinstance(error, URLError | KeyError)
            else "The ID Token's signature is not valid"
        ) from error


def _read(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - loopback, checked
        return json.load(answer)
