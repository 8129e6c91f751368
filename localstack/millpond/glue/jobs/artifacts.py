"""What a run needs from S3 before it begins, fetched with the rights of its role as on AWS."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from millpond.glue.jobs.exceptions import LaunchFailed
from millpond.iam.enforcement import RoleCredentials
from millpond.s3 import S3Location
from millpond.s3.exceptions import InvalidLocation


class Artifacts:
    """The scripts, packages and files of one role in S3."""

    def __init__(self, credentials: RoleCredentials, region: str, endpoint_url: str) -> None:
        # A session of its own: boto3's default one is not safe to use on several threads.
        self._s3 = boto3.session.Session().client(
            "s3",
            region_name=region,
            endpoint_url=endpoint_url,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}),
        )

    def fetch(self, uri: str, folder: Path) -> Path:
        """Copy an object into a folder, under its own name.

        Raises:
            LaunchFailed: There is no such object, or the role may not read it.
        """
        try:
            location = S3Location.parse(uri)
        except InvalidLocation as error:
            raise LaunchFailed(f"Invalid S3 address: {error}") from None
        name = PurePosixPath(location.key).name
        if not name:
            raise LaunchFailed(f"{uri} names no object")
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._s3.download_file(location.bucket, location.key, str(folder / name))
        except (ClientError, BotoCoreError) as error:
            raise LaunchFailed(
                f"Error downloading from S3 for bucket: {location.bucket}, key: {location.key}. {error}"
            ) from None
        return folder / name
