"""Sessions as STS gives them: who they are, how long they last, what is refused."""

from __future__ import annotations

from sts.callers import ACCOUNT, TRUSTS_ACCOUNT, Callers, allow, document, refused

MAY_ASSUME = allow("sts:AssumeRole")


def test_administrator_is_the_root_of_the_account(callers: Callers) -> None:
    identity = callers.sts.get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)


def test_session_of_role_is_named_after_role_and_session(callers: Callers) -> None:
    made = callers.role(Path="/team/")
    credentials = callers.assume(made["Arn"])["Credentials"]
    identity = callers.client("sts", credentials).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{made['RoleName']}/a-session"
    assert identity["UserId"] == f"{made['RoleId']}:a-session"


def test_key_of_user_is_the_users(callers: Callers) -> None:
    user = callers.user(Path="/staff/")
    identity = callers.client("sts", user["key"]).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])


def test_session_token_of_another_session_is_refused(callers: Callers) -> None:
    arn = callers.role()["Arn"]
    first, second = callers.assume(arn)["Credentials"], callers.assume(arn)["Credentials"]
    mixed = {**first, "SessionToken": second["SessionToken"]}
    code, _ = refused(callers.client("sts", mixed).get_caller_identity)
    assert code == "InvalidClientTokenId"


def test_session_may_not_last_longer_than_the_role_allows(callers: Callers) -> None:
    made = callers.role(MaxSessionDuration=7200)
    callers.assume(made["Arn"], DurationSeconds=7200)
    assert refused(callers.assume, role_arn=made["Arn"], DurationSeconds=7201) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )


def test_chained_session_may_not_last_longer_than_an_hour(callers: Callers) -> None:
    made = callers.role(TRUSTS_ACCOUNT, MAY_ASSUME, MaxSessionDuration=7200)
    inside = callers.client("sts", callers.assume(made["Arn"])["Credentials"])
    parameters = {"RoleArn": made["Arn"], "RoleSessionName": "again", "DurationSeconds": 7200}
    code, message = refused(inside.assume_role, **parameters)
    assert code == "ValidationError"
    assert "1 hour session limit for roles assumed by role chaining" in message


def test_name_with_a_blank_is_refused_in_the_services_words(callers: Callers) -> None:
    arn = callers.role()["Arn"]
    code, message = refused(callers.sts.assume_role, RoleArn=arn, RoleSessionName="two words")
    assert code == "ValidationError"
    assert message == (
        "1 validation error detected: Value 'two words' at 'roleSessionName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
    )


def test_session_policy_that_is_none_is_refused(callers: Callers) -> None:
    code, _ = refused(callers.assume, role_arn=callers.role()["Arn"], Policy="{}")
    assert code == "MalformedPolicyDocument"


def test_source_identity_stays_through_a_chain(callers: Callers) -> None:
    arn = callers.role(TRUSTS_ACCOUNT, allow("sts:AssumeRole", "sts:SetSourceIdentity"))["Arn"]
    first = callers.assume(arn, SourceIdentity="somebody")
    assert first["SourceIdentity"] == "somebody"
    inside = callers.client("sts", first["Credentials"])
    assert inside.assume_role(RoleArn=arn, RoleSessionName="again")["SourceIdentity"] == "somebody"
    parameters = {"RoleArn": arn, "RoleSessionName": "again", "SourceIdentity": "another"}
    assert refused(inside.assume_role, **parameters)[0] == "AccessDenied"


def test_federated_user_is_named(callers: Callers) -> None:
    answer = callers.sts.get_federation_token(Name="somebody")
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/somebody"
    identity = callers.client("sts", answer["Credentials"]).get_caller_identity()
    assert identity["UserId"] == f"{ACCOUNT}:somebody"


def test_temporary_credentials_of_user_are_still_the_users(callers: Callers) -> None:
    user = callers.user()
    temporary = callers.client("sts", user["key"]).get_session_token()["Credentials"]
    assert temporary["AccessKeyId"].startswith("ASIA")
    assert callers.client("sts", temporary).get_caller_identity()["Arn"] == user["Arn"]


def test_transitive_tags_go_on_through_a_chain(callers: Callers) -> None:
    mine = "arn:aws:s3:::${aws:PrincipalTag/team}-*"
    arn = callers.role(
        TRUSTS_ACCOUNT,
        allow("sts:AssumeRole", "sts:TagSession"),
        allow("s3:CreateBucket", resource=mine),
    )["Arn"]
    tags = [{"Key": "team", "Value": "chained"}, {"Key": "stage", "Value": "test"}]
    first = callers.assume(arn, Tags=tags, TransitiveTagKeys=["team"])["Credentials"]
    inside = callers.client("sts", first)
    chained = inside.assume_role(RoleArn=arn, RoleSessionName="again")["Credentials"]
    callers.client("s3", chained).create_bucket(Bucket=f"chained-{arn.rpartition('-')[2]}")
    again = {"RoleArn": arn, "RoleSessionName": "again", "Tags": [{"Key": "team", "Value": "other"}]}
    assert refused(inside.assume_role, **again)[0] == "AccessDenied"


def test_second_factor_is_not_pretended(callers: Callers) -> None:
    parameters = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/phone", "TokenCode": "123456"}
    code, message = refused(callers.sts.get_session_token, **parameters)
    assert (code, "multi-factor authentication" in message) == ("NotImplemented", True)


def test_temporary_credentials_of_users_do_not_reach_iam(callers: Callers) -> None:
    user = callers.user(allow("*"))
    sts = callers.client("sts", user["key"])
    callers.client("iam", user["key"]).list_roles(MaxItems=1)
    federated = sts.get_federation_token(Name="somebody", Policy=document(allow("*")))["Credentials"]
    for temporary in (sts.get_session_token()["Credentials"], federated):
        callers.client("s3", temporary).list_buckets()
        code, _ = refused(callers.client("iam", temporary).list_roles)
        assert code == "InvalidClientTokenId"


def test_federated_user_takes_on_no_role_and_a_session_of_a_user_does(callers: Callers) -> None:
    user = callers.user(MAY_ASSUME, allow("sts:GetFederationToken"))
    sts = callers.client("sts", user["key"])
    wanted = {"RoleArn": callers.role()["Arn"], "RoleSessionName": "a-session"}
    temporary = callers.client("sts", sts.get_session_token()["Credentials"])
    assert temporary.assume_role(**wanted)["Credentials"]
    assert refused(temporary.get_federation_token, Name="another")[0] == "AccessDenied"
    policy = document(allow("*"))
    federated = sts.get_federation_token(Name="somebody", Policy=policy)["Credentials"]
    assert refused(callers.client("sts", federated).assume_role, **wanted)[0] == "AccessDenied"
