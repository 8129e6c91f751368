"""AssumeRoleWithWebIdentity: tokens of an identity provider on this machine, and of one elsewhere."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from sts.callers import ACCOUNT, Callers, refused

KEY = RSAKey.generate_key(2048, {"kid": "one"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one"})


class Issuer:
    """An identity provider on this machine: publishes its keys, signs tokens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = url.partition("://")[2]

    def token(self, key: RSAKey = KEY, **claims: Any) -> str:
        """A token with these claims over the usual ones."""
        usual = {"iss": self.url, "aud": "lake", "sub": "repo:a/b:main", "exp": int(time.time()) + 300}
        signed: str = jwt.encode({"alg": "RS256", "kid": "one"}, {**usual, **claims}, key)
        return signed


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """A provider that answers as OpenID Connect's discovery demands."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = f"http://127.0.0.1:{self.server.server_address[1]}"
            pages = {
                "/.well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/keys"},
                "/keys": KeySet([KEY]).as_dict(private=False),
            }
            body = json.dumps(pages[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Issuer(f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def role(callers: Callers, issuer: Issuer) -> str:
    """A role for one subject of the issuer."""
    return _role(callers, issuer)


def _role(callers: Callers, issuer: Issuer) -> str:
    provider = callers.iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=["lake"], ThumbprintList=["a" * 40]
    )["OpenIDConnectProviderArn"]
    condition = {
        "StringEquals": {f"{issuer.name}:aud": "lake"},
        "StringLike": {f"{issuer.name}:sub": "repo:a/b:*"},
    }
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return str(callers.role(trust)["Arn"])


def assume(callers: Callers, role: str, token: str) -> dict[str, Any]:
    """The role's session for the bearer of a token, who has no credentials of his own."""
    import boto3

    sts = boto3.client(
        "sts",
        endpoint_url=callers.sts.meta.endpoint_url,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )
    answer: dict[str, Any] = sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="ci", WebIdentityToken=token
    )
    return answer


def test_bearer_of_a_signed_token_becomes_the_role(callers: Callers, issuer: Issuer, role: str) -> None:
    answer = assume(callers, role, issuer.token())
    assert answer["SubjectFromWebIdentityToken"] == "repo:a/b:main"
    assert answer["Audience"] == "lake"
    identity = callers.client("sts", answer["Credentials"]).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.rpartition('/')[2]}/ci"


def test_subject_whom_the_role_does_not_name_is_denied(callers: Callers, issuer: Issuer, role: str) -> None:
    code, message = refused(assume, callers=callers, role=role, token=issuer.token(sub="repo:a/c:main"))
    assert (code, message) == ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_token_that_another_key_signed_is_refused(callers: Callers, issuer: Issuer, role: str) -> None:
    code, _ = refused(assume, callers=callers, role=role, token=issuer.token(STRANGER))
    assert code == "InvalidIdentityToken"


def test_token_for_another_application_is_refused(callers: Callers, issuer: Issuer, role: str) -> None:
    code, message = refused(assume, callers=callers, role=role, token=issuer.token(aud="other"))
    assert (code, message) == ("InvalidIdentityToken", "Incorrect token audience")


def test_token_that_ended_is_refused(callers: Callers, issuer: Issuer, role: str) -> None:
    code, _ = refused(assume, callers=callers, role=role, token=issuer.token(exp=int(time.time()) - 1))
    assert code == "ExpiredTokenException"


def test_issuer_that_nobody_knows_is_refused(callers: Callers, role: str) -> None:
    stranger = Issuer("https://stranger.example.com")
    code, message = refused(assume, callers=callers, role=role, token=stranger.token())
    assert code == "InvalidIdentityToken"
    assert message == "No OpenIDConnect provider found in your account for https://stranger.example.com"


def test_text_that_is_no_token_is_refused(callers: Callers, role: str) -> None:
    code, _ = refused(assume, callers=callers, role=role, token="abcd")
    assert code == "InvalidIdentityToken"


def test_token_of_an_issuer_elsewhere_is_taken_without_its_keys(callers: Callers) -> None:
    elsewhere = Issuer(f"https://{uuid.uuid4().hex[:8]}.example.com")
    role = _role(callers, elsewhere)
    answer = assume(callers, role, elsewhere.token(STRANGER))
    assert answer["SubjectFromWebIdentityToken"] == "repo:a/b:main"
