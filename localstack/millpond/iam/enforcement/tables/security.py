"""IAM, STS and Secrets Manager.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
"""

from __future__ import annotations

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.lookups import (
    boundary_of_role,
    group,
    instance_profile,
    role,
    secret,
    user,
)
from millpond.iam.enforcement.rules import ServiceTable, also, needing, on, own
from millpond.iam.enforcement.tables.encryption import with_secret_key

_IAM = "arn:{$partition}:iam::{$account}:"
_BOUNDED = {"iam:PermissionsBoundary": "PermissionsBoundary"}
_ATTACHED = {"iam:PolicyARN": "PolicyArn"}


def _service_linked_role(call: ServiceCall) -> tuple[str, ...]:
    service = call.parameters.get("AWSServiceName") or "*"
    return (f"arn:{call.partition}:iam::{call.account}:role/aws-service-role/{service}/*",)


IAM = ServiceTable(
    "iam",
    # Roles
    on(
        "DeleteRole GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole "
        "ListRolePolicies ListRoleTags TagRole UntagRole UpdateAssumeRolePolicy UpdateRole "
        "UpdateRoleDescription DeleteServiceLinkedRole",
        role,
    ),
    on("CreateRole PutRolePermissionsBoundary", role, keys=_BOUNDED),
    on("DeleteRolePermissionsBoundary DeleteRolePolicy PutRolePolicy", role, derived=boundary_of_role),
    on("AttachRolePolicy DetachRolePolicy", role, keys=_ATTACHED, derived=boundary_of_role),
    on("GetServiceLinkedRoleDeletionStatus", _IAM + "role/*"),
    on("CreateServiceLinkedRole", _service_linked_role, keys={"iam:AWSServiceName": "AWSServiceName"}),
    # Users
    on(
        "ChangePassword CreateAccessKey CreateLoginProfile CreateServiceSpecificCredential "
        "DeactivateMFADevice DeleteAccessKey DeleteLoginProfile DeleteSSHPublicKey "
        "DeleteServiceSpecificCredential DeleteSigningCertificate DeleteUser "
        "DeleteUserPermissionsBoundary DeleteUserPolicy EnableMFADevice GetAccessKeyLastUsed "
        "GetLoginProfile GetMFADevice GetSSHPublicKey GetUser GetUserPolicy ListAccessKeys "
        "ListAttachedUserPolicies ListGroupsForUser ListMFADevices ListSSHPublicKeys "
        "ListServiceSpecificCredentials ListSigningCertificates ListUserPolicies ListUserTags PutUserPolicy "
        "ResetServiceSpecificCredential ResyncMFADevice TagUser UntagUser UpdateAccessKey "
        "UpdateLoginProfile UpdateSSHPublicKey UpdateServiceSpecificCredential UpdateSigningCertificate "
        "UpdateUser UploadSSHPublicKey UploadSigningCertificate",
        user,
    ),
    on("CreateUser PutUserPermissionsBoundary", user, keys=_BOUNDED),
    on("AttachUserPolicy DetachUserPolicy", user, keys=_ATTACHED),
    # Groups
    on(
        "AddUserToGroup CreateGroup DeleteGroup DeleteGroupPolicy GetGroup GetGroupPolicy "
        "ListAttachedGroupPolicies ListGroupPolicies PutGroupPolicy RemoveUserFromGroup UpdateGroup",
        group,
    ),
    on("AttachGroupPolicy DetachGroupPolicy", group, keys=_ATTACHED),
    # Policies and profiles
    on("CreatePolicy", _IAM + "policy{Path|'/'}{PolicyName}"),
    on(
        "CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion "
        "ListEntitiesForPolicy ListPolicyTags ListPolicyVersions SetDefaultPolicyVersion TagPolicy "
        "UntagPolicy",
        "{PolicyArn}",
    ),
    on(
        "CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile ListInstanceProfileTags "
        "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile",
        instance_profile,
    ),
    needing(
        "AddRoleToInstanceProfile",
        own(instance_profile),
        also("iam:PassRole", role, values={"iam:PassedToService": "ec2.amazonaws.com"}),
    ),
    # Identity providers
    on("CreateOpenIDConnectProvider", _IAM + "oidc-provider/*"),
    on(
        "AddClientIDToOpenIDConnectProvider DeleteOpenIDConnectProvider GetOpenIDConnectProvider "
        "ListOpenIDConnectProviderTags RemoveClientIDFromOpenIDConnectProvider TagOpenIDConnectProvider "
        "UntagOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint",
        "{OpenIDConnectProviderArn}",
    ),
    on("CreateSAMLProvider", _IAM + "saml-provider/{Name}"),
    on(
        "DeleteSAMLProvider GetSAMLProvider ListSAMLProviderTags TagSAMLProvider UntagSAMLProvider "
        "UpdateSAMLProvider",
        "{SAMLProviderArn}",
    ),
    on(
        "DeleteServerCertificate GetServerCertificate ListServerCertificateTags TagServerCertificate "
        "UntagServerCertificate UpdateServerCertificate UploadServerCertificate",
        _IAM + "server-certificate/{ServerCertificateName}",
    ),
    on("CreateVirtualMFADevice", _IAM + "mfa/{VirtualMFADeviceName}"),
    on("DeleteVirtualMFADevice ListMFADeviceTags TagMFADevice UntagMFADevice", "{SerialNumber}"),
    on("SimulatePrincipalPolicy GetContextKeysForPrincipalPolicy", "{PolicySourceArn}"),
    on("GenerateServiceLastAccessedDetails ListPoliciesGrantingServiceAccess", "{Arn}"),
)

STS = ServiceTable(
    "sts",
    on("GetFederationToken", "arn:{$partition}:sts::{$account}:federated-user/{Name}"),
    # STS decides on sessions itself, since trust policies speak of what is in tokens and assertions; the
    # other two need no permission:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    free="AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetCallerIdentity GetSessionToken",
)

SECRETS_MANAGER = ServiceTable(
    "secretsmanager",
    on(
        "CancelRotateSecret DeleteResourcePolicy DeleteSecret DescribeSecret GetResourcePolicy "
        "ListSecretVersionIds PutResourcePolicy RemoveRegionsFromReplication ReplicateSecretToRegions "
        "RestoreSecret RotateSecret StopReplicationToReplica TagResource UntagResource "
        "UpdateSecretVersionStage ValidateResourcePolicy",
        secret,
    ),
    needing(
        "CreateSecret PutSecretValue UpdateSecret",
        own(secret, keys={"secretsmanager:Name": "Name"}),
        with_secret_key("GenerateDataKey"),
        with_secret_key("Decrypt"),
    ),
    needing(
        "GetSecretValue",
        own(
            secret,
            keys={"secretsmanager:VersionId": "VersionId", "secretsmanager:VersionStage": "VersionStage"},
        ),
        with_secret_key("Decrypt"),
    ),
)
