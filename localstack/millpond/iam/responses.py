"""IAM's wire format: what moto does not answer."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse

from millpond.iam.service import IdentityService


class IdentityApi(IamResponse):
    """The operations."""

    @property
    def backend(self) -> IdentityService:
        """The service of the caller's account."""
        service = iam_backends[self.current_account][self.partition]
        assert isinstance(service, IdentityService)  # noqa: S101 - install() put the class there
        return service

    def add_client_id_to_open_id_connect_provider(self) -> ActionResult:
        """Let another client of an identity provider in."""
        self.backend.add_client_id(self._get_param("OpenIDConnectProviderArn"), self._get_param("ClientID"))
        return EmptyResult()

    def remove_client_id_from_open_id_connect_provider(self) -> ActionResult:
        """Let a client of an identity provider in no longer."""
        self.backend.remove_client_id(
            self._get_param("OpenIDConnectProviderArn"), self._get_param("ClientID")
        )
        return EmptyResult()
