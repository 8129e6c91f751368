"""IAM of one account: what moto leaves out when identities change, and which documents it keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import moto.iam.models
from moto.iam.models import IAMBackend, ManagedPolicy, PolicyVersion, Role

from millpond.iam import policy_grammar


class IdentityService(IAMBackend):
    """moto's, with the changes that it leaves out, and policies checked as AWS checks them."""

    @property
    def _url_module(self) -> Any:
        from millpond.iam import urls

        return urls

    # ---- documents are looked at before they are kept

    def create_policy(
        self,
        description: str,
        path: str,
        policy_document: str,
        policy_name: str,
        tags: list[dict[str, str]],
    ) -> ManagedPolicy:
        """CreatePolicy."""
        policy_grammar.check_managed_policy(policy_document)
        return super().create_policy(description, path, policy_document, policy_name, tags)

    def create_policy_version(
        self, policy_arn: str, policy_document: str, set_as_default: bool
    ) -> PolicyVersion:
        """CreatePolicyVersion."""
        policy_grammar.check_managed_policy(policy_document)
        return super().create_policy_version(policy_arn, policy_document, set_as_default)

    def put_user_policy(self, user_name: str, policy_name: str, policy_json: str) -> None:
        """PutUserPolicy."""
        inline = self.get_user(user_name).policies
        _check_inline("user", user_name, inline, policy_name, policy_json)
        super().put_user_policy(user_name, policy_name, policy_json)

    def put_group_policy(self, group_name: str, policy_name: str, policy_json: str) -> None:
        """PutGroupPolicy."""
        inline = self.get_group(group_name).policies
        _check_inline("group", group_name, inline, policy_name, policy_json)
        super().put_group_policy(group_name, policy_name, policy_json)

    def put_role_policy(self, role_name: str, policy_name: str, policy_json: str) -> None:
        """PutRolePolicy."""
        inline = self.get_role(role_name).policies
        _check_inline("role", role_name, inline, policy_name, policy_json)
        super().put_role_policy(role_name, policy_name, policy_json)

    def create_role(
        self,
        role_name: str,
        assume_role_policy_document: str,
        path: str,
        permissions_boundary: str | None,
        description: str,
        tags: list[dict[str, str]],
        max_session_duration: str | None,
        linked_service: str | None = None,
    ) -> Role:
        """CreateRole."""
        if not linked_service:
            policy_grammar.check_trust_policy(assume_role_policy_document, self._is_there)
        return super().create_role(
            role_name,
            assume_role_policy_document,
            path,
            permissions_boundary,
            description,
            tags,
            max_session_duration,
            linked_service,
        )

    def update_assume_role_policy(self, role_name: str, policy_document: str) -> None:
        """UpdateAssumeRolePolicy."""
        role = self.get_role(role_name)
        policy_grammar.check_trust_policy(policy_document, self._is_there)
        role.assume_role_policy_document = policy_document

    def _is_there(self, principal: str) -> bool:
        """Whether a principal that a policy names exists; who is in another account nobody here knows."""
        segments = principal.split(":", 5)
        if len(segments) < 6 or segments[4] != self.account_id or segments[2] != "iam":
            return True
        kind = segments[5].partition("/")[0]
        known: Iterable[Any] = self.users.values() if kind == "user" else self.roles.values()
        return kind == "root" or any(each.arn == principal for each in known)

    # ---- what moto leaves out

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


def _check_inline(kind: str, owner: str, inline: Mapping[str, str], name: str, text: str) -> None:
    policy_grammar.check_identity_policy(text)
    policy_grammar.check_inline_size(kind, owner, {**inline, name: text}.values())


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    moto.iam.models.iam_backends.backend = IdentityService
