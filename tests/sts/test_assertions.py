"""AssumeRoleWithSAML: assertions of an identity provider."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from sts.callers import ACCOUNT, Callers, refused

AUDIENCE = "https://signin.aws.amazon.com/saml"
ASSERTION = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">
<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">
<saml:Issuer>https://idp.example.com</saml:Issuer>
<saml:Subject>
  <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">zoe</saml:NameID>
  <saml:SubjectConfirmation>
    <saml:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{audience}"/>
  </saml:SubjectConfirmation>
</saml:Subject>
<saml:AttributeStatement>
  <saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">
    <saml:AttributeValue>{role},{provider}</saml:AttributeValue>
  </saml:Attribute>
  <saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">
    <saml:AttributeValue>zoe</saml:AttributeValue>
  </saml:Attribute>
</saml:AttributeStatement>
</saml:Assertion>
</samlp:Response>"""


@pytest.fixture(scope="module")
def federation(callers: Callers) -> dict[str, str]:
    """A provider, and a role that trusts it."""
    provider = callers.iam.create_saml_provider(
        SAMLMetadataDocument="<EntityDescriptor/>" + " " * 1000, Name=f"idp-{uuid.uuid4().hex[:8]}"
    )["SAMLProviderArn"]
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"saml:aud": AUDIENCE}},
    }
    return {"provider": provider, "role": callers.role(trust)["Arn"]}


def assume(callers: Callers, federation: dict[str, str], **differently: str) -> dict[str, Any]:
    """The role's session for whom the provider vouches for."""
    said = {**federation, "ends": "2099-01-01T00:00:00Z", "audience": AUDIENCE, **differently}
    sts = boto3.client(
        "sts",
        endpoint_url=callers.sts.meta.endpoint_url,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )
    answer: dict[str, Any] = sts.assume_role_with_saml(
        RoleArn=federation["role"],
        PrincipalArn=federation["provider"],
        SAMLAssertion=base64.b64encode(ASSERTION.format(**said).encode()).decode(),
    )
    return answer


def test_subject_of_an_assertion_becomes_the_role(callers: Callers, federation: dict[str, str]) -> None:
    answer = assume(callers, federation)
    said = (answer["Subject"], answer["SubjectType"], answer["Issuer"])
    assert said == ("zoe", "persistent", "https://idp.example.com")
    identity = callers.client("sts", answer["Credentials"]).get_caller_identity()
    assert identity["Arn"].endswith("/zoe")


def test_assertion_for_another_audience_is_denied(callers: Callers, federation: dict[str, str]) -> None:
    code, _ = refused(
        assume, callers=callers, federation=federation, audience="https://elsewhere.example.com"
    )
    assert code == "AccessDenied"


def test_assertion_that_ended_is_refused(callers: Callers, federation: dict[str, str]) -> None:
    code, _ = refused(assume, callers=callers, federation=federation, ends="2020-01-01T00:00:00Z")
    assert code == "ExpiredTokenException"


def test_assertion_about_another_role_is_refused(callers: Callers, federation: dict[str, str]) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    assert refused(assume, callers=callers, federation=federation, role=other)[0] == "InvalidIdentityToken"
