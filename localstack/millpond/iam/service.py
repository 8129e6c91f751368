"""IAM of one account: what moto leaves out when identities change."""

from __future__ import annotations

from typing import Any

import moto.iam.models
from moto.iam.models import IAMBackend


class IdentityService(IAMBackend):
    """moto's, with the changes that it leaves out."""

    @property
    def _url_module(self) -> Any:
        from millpond.iam import urls

        return urls

    def update_group(self, group_name: str, new_group_name: str | None, new_path: str | None) -> None:
        """UpdateGroup; moto forgets the new path of a group that keeps its name."""
        group = self.get_group(group_name)
        if new_group_name and new_group_name != group_name:
            super().update_group(group_name, new_group_name, new_path)
        elif new_path:
            group.path = new_path

    def put_user_boundary(self, user_name: str, policy_arn: str) -> None:
        """PutUserPermissionsBoundary.

        Raises:
            NotFoundException: There is no such user, or no such policy.
        """
        user = self.get_user(user_name)
        self.get_policy(policy_arn)
        user.permissions_boundary = {  # type: ignore[attr-defined]  # what the answers to reads are made of
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": policy_arn,
        }

    def delete_user_boundary(self, user_name: str) -> None:
        """DeleteUserPermissionsBoundary.

        Raises:
            NotFoundException: There is no such user.
        """
        vars(self.get_user(user_name)).pop("permissions_boundary", None)

    def add_client_id(self, provider_arn: str, client_id: str) -> None:
        """AddClientIDToOpenIDConnectProvider; one that is there already is no error.

        Raises:
            NotFoundException: There is no such provider.
        """
        provider = self.get_open_id_connect_provider(provider_arn)
        if client_id not in provider.client_id_list:
            provider.client_id_list.append(client_id)

    def remove_client_id(self, provider_arn: str, client_id: str) -> None:
        """RemoveClientIDFromOpenIDConnectProvider; one that is not there is no error.

        Raises:
            NotFoundException: There is no such provider.
        """
        provider = self.get_open_id_connect_provider(provider_arn)
        provider.client_id_list = [known for known in provider.client_id_list if known != client_id]


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    moto.iam.models.iam_backends.backend = IdentityService
