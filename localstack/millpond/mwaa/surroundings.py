"""What an environment needs to find in its account: bucket and files, role, network, key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket, s3_backends

from millpond.iam.principals import find_role
from millpond.mwaa.environment import Definition
from millpond.mwaa.exceptions import InvalidRequest
from millpond.s3 import ObjectStorage, S3Location
from millpond.s3.exceptions import BucketNotFound, ObjectNotFound

_FILES: Final = {
    "PluginsS3Path": "PluginsS3ObjectVersion",
    "RequirementsS3Path": "RequirementsS3ObjectVersion",
    "StartupScriptS3Path": "StartupScriptS3ObjectVersion",
}


class BucketFiles:
    """The source bucket's files, wherever S3 is."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage

    def check(self, definition: Definition) -> None:
        """Look for the bucket, and for each file in the version that is named."""
        bucket = bucket_of(definition)
        if not self._storage.has_bucket(bucket):
            raise InvalidRequest(f"The source bucket {bucket} does not exist")
        for path_name, version_name in _FILES.items():
            path, version = definition.get(path_name), definition.get(version_name)
            if path is None:
                if version is not None:
                    raise InvalidRequest(f"{version_name} is given without {path_name}")
                continue
            location = S3Location(bucket, path.removeprefix(f"s3://{bucket}/"))
            try:
                self._storage.get(location, version)
            except (BucketNotFound, ObjectNotFound):
                of_version = f" in version {version}" if version else ""
                raise InvalidRequest(
                    f"{path_name}: there is no object {location.key} in bucket {bucket}{of_version}"
                ) from None


class OwnAccount:
    """Role, network, key and the bucket's settings, in an account that this cloud keeps."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region

    def check(self, definition: Definition) -> None:
        """Look for everything, the first that is missing is told."""
        self._check_bucket(bucket_of(definition))
        self._check_role(definition["ExecutionRoleArn"])
        self._check_network(definition["NetworkConfiguration"])
        if key := definition.get("KmsKey"):
            self._check_key(key)

    def _check_bucket(self, name: str) -> None:
        # https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-s3-bucket.html
        bucket: FakeBucket = s3_backends[self._account_id]["aws"].head_bucket(name)
        if not bucket.is_versioned:
            raise InvalidRequest(f"The source bucket {name} must have versioning enabled")
        block = bucket.public_access_block
        # None were set: a new bucket of AWS blocks all of it.
        if block is not None and not all(block.to_config_dict().values()):
            raise InvalidRequest(f"The source bucket {name} must have all public access blocked")

    def _check_role(self, arn: str) -> None:
        if find_role(arn) is None:
            raise InvalidRequest(f"The execution role {arn} does not exist")

    def _check_network(self, network: Definition) -> None:
        ec2 = ec2_backends[self._account_id][self._region]
        subnets = [self._subnet(ec2, id_) for id_ in network["SubnetIds"]]
        groups = list(self._groups(ec2, network["SecurityGroupIds"]))
        if len({subnet.availability_zone for subnet in subnets}) != len(subnets):
            raise InvalidRequest("The subnets must be in different availability zones")
        if len({item.vpc_id for item in (*subnets, *groups)}) != 1:
            raise InvalidRequest("The subnets and security groups must be in the same VPC")

    def _subnet(self, ec2: Any, id_: str) -> Any:
        try:
            return ec2.get_subnet(id_)
        except ServiceException:
            raise InvalidRequest(f"The subnet ID '{id_}' does not exist") from None

    def _groups(self, ec2: Any, ids: list[str]) -> Iterator[Any]:
        for id_ in ids:
            group = ec2.get_security_group_from_id(id_)
            if group is None:
                raise InvalidRequest(f"The security group '{id_}' does not exist")
            yield group

    def _check_key(self, key: str) -> None:
        try:
            kms_backends[self._account_id][self._region].describe_key(key)
        except (ServiceException, KeyError):
            raise InvalidRequest(f"The KMS key {key} does not exist") from None


def bucket_of(definition: Definition) -> str:
    """The name of the source bucket."""
    return str(definition["SourceBucketArn"]).rpartition(":")[2]
