"""ECR: repositories of container images, who may use them, and which images go."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import Inputs, Naming
from millpond.deploy.providers.aws.tagging import Tagging


class Repository(CrudResource):
    """A repository; its id is its name."""

    type = "aws:ecr/repository:Repository"
    service = "ecr"
    operations = Operations(
        "CreateRepository", "DescribeRepositories", "DeleteRepository", "PutImageTagMutability"
    )
    properties = frozenset(
        {
            "encryptionConfigurations",
            "forceDelete",
            "imageScanningConfiguration",
            "imageTagMutability",
            "name",
        }
    )
    replaces = frozenset({"encryptionConfigurations", "name"})
    unsent = frozenset({"forceDelete"})
    naming = Naming("name", longest=256, lowercase=True)
    tagged = True
    tagging = Tagging(resource="resourceArn")
    key: ClassVar = {"repositoryName": "name"}
    renames: ClassVar = {"repositoryName": "name", "encryptionConfiguration": "encryptionConfigurations"}
    defaults: ClassVar = {"imageTagMutability": "MUTABLE"}
    outputs: ClassVar = {
        "arn": "repositories[0].repositoryArn",
        "registryId": "repositories[0].registryId",
        "repositoryUrl": "repositories[0].repositoryUri",
    }

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        return api.client("ecr").describe_repositories(repositoryNames=[id_])

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        ecr = api.client("ecr")
        ecr.put_image_tag_mutability(repositoryName=id_, imageTagMutability=new["imageTagMutability"])
        scanning = new.get("imageScanningConfiguration", {"scanOnPush": False})
        ecr.put_image_scanning_configuration(repositoryName=id_, imageScanningConfiguration=scanning)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("ecr").delete_repository(repositoryName=id_, force=bool(inputs.get("forceDelete")))


class _RepositoryDocument(CrudResource):
    """A document that a repository has one of; its id is the repository's name."""

    service = "ecr"
    properties = frozenset({"policy", "repository"})
    replaces = frozenset({"repository"})
    documents = frozenset({"policy"})
    key: ClassVar = {"repositoryName": "repository"}
    id_format = "{repository}"
    outputs: ClassVar = {"registryId": "registryId"}


class RepositoryPolicy(_RepositoryDocument):
    """Who may use a repository."""

    type = "aws:ecr/repositoryPolicy:RepositoryPolicy"
    operations = Operations(
        "SetRepositoryPolicy", "GetRepositoryPolicy", "DeleteRepositoryPolicy", "SetRepositoryPolicy"
    )
    renames: ClassVar = {"repositoryName": "repository", "policyText": "policy"}


class LifecyclePolicy(_RepositoryDocument):
    """Which images are deleted."""

    type = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    operations = Operations(
        "PutLifecyclePolicy", "GetLifecyclePolicy", "DeleteLifecyclePolicy", "PutLifecyclePolicy"
    )
    renames: ClassVar = {"repositoryName": "repository", "lifecyclePolicyText": "policy"}


RESOURCES: Final = (Repository, RepositoryPolicy, LifecyclePolicy)
