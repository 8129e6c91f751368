"""STS: sessions that trust policies allow, with what limits them; credentials that end.

responses (HTTP) ─→ requests (typed, checked) ─→ service (who may, what he gets) ─→ iam.sessions
                                                   └─→ identity_tokens (OIDC), assertions (SAML)
"""

from millpond.sts.service import SecurityTokenService, install

__all__ = ["SecurityTokenService", "install"]
