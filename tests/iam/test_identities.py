"""Groups, users, identity providers: what moto forgets or does not have."""

from __future__ import annotations

from typing import Any


def test_group_that_keeps_its_name_can_move(cloud: Any) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("group")
    iam.create_group(GroupName=name, Path="/before/")
    iam.update_group(GroupName=name, NewPath="/after/")
    assert iam.get_group(GroupName=name)["Group"]["Path"] == "/after/"


def test_group_that_is_renamed_keeps_its_members(cloud: Any) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("group")
    iam.create_group(GroupName=name)
    iam.create_user(UserName=f"{name}-user")
    iam.add_user_to_group(GroupName=name, UserName=f"{name}-user")
    iam.update_group(GroupName=name, NewGroupName=f"{name}-new")
    (user,) = iam.get_group(GroupName=f"{name}-new")["Users"]
    assert user["UserName"] == f"{name}-user"


def test_clients_of_identity_provider_come_and_go(cloud: Any) -> None:
    iam = cloud.client("iam")
    created = iam.create_open_id_connect_provider(
        Url=f"https://{cloud.unique_name('issuer')}.example.com",
        ClientIDList=["one"],
        ThumbprintList=["a" * 40],
    )
    arn = created["OpenIDConnectProviderArn"]
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["two"]


def test_boundary_of_user_is_set_read_and_taken_away(cloud: Any) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    first, second = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
    iam.create_user(UserName=name, PermissionsBoundary=first)
    assert iam.get_user(UserName=name)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == first
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=second)
    assert iam.get_user(UserName=name)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == second
    iam.delete_user_permissions_boundary(UserName=name)
    assert "PermissionsBoundary" not in iam.get_user(UserName=name)["User"]
