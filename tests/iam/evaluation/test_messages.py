"""What a denied caller is told, in the words of AWS's page on access denied messages.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import pytest

from millpond.iam.evaluation import (
    AuthorizationRequest,
    Decision,
    Outcome,
    PolicyType,
    Principal,
    PrincipalKind,
)

JOHN = Principal(PrincipalKind.USER, "arn:aws:iam::777788889999:user/JohnDoe", "777788889999", name="JohnDoe")
SAYS = "User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform: "
GROUPS = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*"


@pytest.mark.parametrize(
    ("action", "resource", "outcome", "policy_type", "rest"),
    [
        (
            "codecommit:ListRepositories",
            "*",
            Outcome.IMPLICIT_DENY,
            PolicyType.IDENTITY,
            "codecommit:ListRepositories because no identity-based policy allows the "
            "codecommit:ListRepositories action",
        ),
        (
            "codedeploy:ListDeployments",
            GROUPS,
            Outcome.EXPLICIT_DENY,
            PolicyType.IDENTITY,
            f"codedeploy:ListDeployments on resource: {GROUPS} "
            "with an explicit deny in an identity-based policy",
        ),
        (
            "codedeploy:ListDeployments",
            GROUPS,
            Outcome.IMPLICIT_DENY,
            PolicyType.BOUNDARY,
            f"codedeploy:ListDeployments on resource: {GROUPS} because no permissions boundary allows the "
            "codedeploy:ListDeployments action",
        ),
        (
            "sagemaker:ListModels",
            "*",
            Outcome.EXPLICIT_DENY,
            PolicyType.BOUNDARY,
            "sagemaker:ListModels with an explicit deny in a permissions boundary",
        ),
        (
            "codecommit:ListRepositories",
            "*",
            Outcome.IMPLICIT_DENY,
            PolicyType.SESSION,
            "codecommit:ListRepositories because no session policy allows the "
            "codecommit:ListRepositories action",
        ),
        (
            "secretsmanager:GetSecretValue",
            "*",
            Outcome.IMPLICIT_DENY,
            PolicyType.RESOURCE,
            "secretsmanager:GetSecretValue because no resource-based policy allows the "
            "secretsmanager:GetSecretValue action",
        ),
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:*",
            Outcome.EXPLICIT_DENY,
            PolicyType.RESOURCE,
            "secretsmanager:GetSecretValue on resource: "
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:* "
            "with an explicit deny in a resource-based policy",
        ),
        (
            "sts:AssumeRole",
            "*",
            Outcome.IMPLICIT_DENY,
            PolicyType.TRUST,
            "sts:AssumeRole because no role trust policy allows the sts:AssumeRole action",
        ),
        (
            "sts:AssumeRole",
            "*",
            Outcome.EXPLICIT_DENY,
            PolicyType.TRUST,
            "sts:AssumeRole with an explicit deny in the role trust policy",
        ),
    ],
)
def test_message_says_who_what_and_why(
    action: str, resource: str, outcome: Outcome, policy_type: PolicyType, rest: str
) -> None:
    decision = Decision(AuthorizationRequest(JOHN, action, resource), outcome, policy_type)
    assert decision.message() == SAYS + rest


def test_s3_puts_the_resource_in_quotation_marks() -> None:
    request = AuthorizationRequest(JOHN, "s3:GetObject", "arn:aws:s3:::b/k")
    message = Decision(request, Outcome.IMPLICIT_DENY, PolicyType.IDENTITY).message(quote_resource=True)
    assert 'on resource: "arn:aws:s3:::b/k" because no identity-based policy' in message
