"""IAM's wire format: what moto does not answer."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse

from millpond.iam import simulation_api
from millpond.iam.service import IdentityService


class IdentityApi(IamResponse):
    """The operations."""

    @property
    def backend(self) -> IdentityService:
        """The service of the caller's account."""
        service = iam_backends[self.current_account][self.partition]
        assert isinstance(service, IdentityService)  # noqa: S101 - install() put the class there
        return service

    def create_user(self) -> ActionResult:
        """Make a user; moto forgets the boundary."""
        boundary = self._get_param("PermissionsBoundary")
        if boundary:
            self.backend.get_policy(boundary)
        answer = super().create_user()
        if boundary:
            self.backend.put_user_boundary(self._get_param("UserName"), boundary)
        return answer

    def put_user_permissions_boundary(self) -> ActionResult:
        """Say what a user may do at most."""
        self.backend.put_user_boundary(self._get_param("UserName"), self._get_param("PermissionsBoundary"))
        return EmptyResult()

    def delete_user_permissions_boundary(self) -> ActionResult:
        """Let a user do all that his policies say."""
        self.backend.delete_user_boundary(self._get_param("UserName"))
        return EmptyResult()

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

    # ---- the policy simulator

    def simulate_custom_policy(self) -> ActionResult:
        """What documents would decide."""
        return ActionResult(simulation_api.simulate_custom(self.backend, self.params))

    def simulate_principal_policy(self) -> ActionResult:
        """What the policies of a user, role or group would decide."""
        return ActionResult(simulation_api.simulate_principal(self.backend, self.params))

    def get_context_keys_for_custom_policy(self) -> ActionResult:
        """The condition keys that documents read."""
        return ActionResult(simulation_api.keys_of_custom(self.params))

    def get_context_keys_for_principal_policy(self) -> ActionResult:
        """The condition keys that the policies of a user, role or group read."""
        return ActionResult(simulation_api.keys_of_principal(self.backend, self.params))
