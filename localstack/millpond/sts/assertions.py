"""SAML assertions, as AssumeRoleWithSAML takes them.

The assertion must name the role and the provider together and must not have ended. Its signature is not
checked: what would check it is the provider's certificate, of which moto keeps no more than a text.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from millpond.iam.evaluation.operators import instant
from millpond.sts.exceptions import ExpiredTokenError, InvalidIdentityTokenError, ValidationError

_SAML: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_ATTRIBUTES: Final = "https://aws.amazon.com/SAML/Attributes/"
_TAG: Final = f"{_ATTRIBUTES}PrincipalTag:"


@dataclass(frozen=True)
class Assertion:
    """What an identity provider says about somebody.

    Attributes:
        issuer: Who says it.
        subject: Of whom.
        subject_type: `persistent`, `transient`, or the format's name.
        audience: For whom it is meant: the address that it was posted to.
        session_name: What the session is to be called.
        duration_seconds: How long it is to last at most.
        tags: Of the session.
        transitive_tag_keys: Tags that sessions begun from it have too.
        source_identity: `aws:SourceIdentity`.
    """

    issuer: str
    subject: str
    subject_type: str
    audience: str
    session_name: str
    duration_seconds: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """The condition keys that trust policies see."""
        keys = {
            "saml:iss": self.issuer,
            "saml:aud": self.audience,
            "saml:sub": self.subject,
            "saml:sub_type": self.subject_type,
        }
        return {key: (value,) for key, value in keys.items() if value}


def accept(encoded: str, role_arn: str, provider_arn: str, now: datetime) -> Assertion:
    """Read an assertion and make sure that it is about this role and not over.

    Raises:
        InvalidIdentityTokenError: It is none, or is about another role.
        ExpiredTokenError: It has ended.
        ValidationError: It does not say what the session is called.
    """
    root = _document(encoded)
    attributes = _attributes(root)
    pairs = {
        frozenset(value.replace(" ", "").split(",")) for value in attributes.get(f"{_ATTRIBUTES}Role", ())
    }
    if frozenset({role_arn, provider_arn}) not in pairs:
        raise InvalidIdentityTokenError("The requested role and provider are not in the assertion")
    if _is_over(root, now):
        raise ExpiredTokenError("Token must be redeemed within 5 minutes of issuance")
    names = attributes.get(f"{_ATTRIBUTES}RoleSessionName", ())
    if len(names) != 1:
        raise ValidationError("RoleSessionName is required in AuthnResponse")
    durations = attributes.get(f"{_ATTRIBUTES}SessionDuration", ())
    identities = attributes.get(f"{_ATTRIBUTES}SourceIdentity", ("",))
    name_id = root.find(f".//{_SAML}Subject/{_SAML}NameID")
    format_name = name_id.get("Format", "") if name_id is not None else ""
    return Assertion(
        issuer=_text(root, f".//{_SAML}Assertion/{_SAML}Issuer") or _text(root, f".//{_SAML}Issuer"),
        subject=(name_id.text or "").strip() if name_id is not None else "",
        subject_type=format_name.rpartition(":")[2] if "nameid-format" in format_name else format_name,
        audience=_recipient(root),
        session_name=names[0],
        duration_seconds=int(durations[0]) if durations else None,
        tags={
            key.removeprefix(_TAG): values[0] for key, values in attributes.items() if key.startswith(_TAG)
        },
        transitive_tag_keys=attributes.get(f"{_ATTRIBUTES}TransitiveTagKeys", ()),
        source_identity=identities[0],
    )


def _document(encoded: str) -> Element:
    try:
        # Expat reads no external entities and bounds how far internal ones expand.
        return fromstring(base64.b64decode(encoded))  # noqa: S314 - see above
    except (binascii.Error, ParseError, ValueError) as error:
        raise InvalidIdentityTokenError("Invalid base64 SAMLResponse") from error


def _attributes(root: Element) -> dict[str, tuple[str, ...]]:
    return {
        attribute.get("Name", ""): tuple(
            (value.text or "").strip() for value in attribute.findall(f"{_SAML}AttributeValue")
        )
        for attribute in root.iter(f"{_SAML}Attribute")
    }


def _is_over(root: Element, now: datetime) -> bool:
    ends = [each.get("NotOnOrAfter") for each in root.iter() if each.get("NotOnOrAfter")]
    return any(end is not None and (at := instant(end)) is not None and at <= now for end in ends)


def _recipient(root: Element) -> str:
    confirmation = root.find(f".//{_SAML}SubjectConfirmationData")
    return confirmation.get("Recipient", "") if confirmation is not None else ""


def _text(root: Element, path: str) -> str:
    found = root.find(path)
    return (found.text or "").strip() if found is not None else ""
