"""What a function finds around it: command line, environment variables, folders."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from millpond import lifeline
from millpond.functions import bootstrap, ephemeral_storage
from millpond.functions.archives import ArchiveFolders, ZipArchive
from millpond.functions.definition import FunctionDefinition
from millpond.functions.distributions import DistributionFolders, DistributionSet
from millpond.functions.settings import FunctionSettings
from millpond.iam.enforcement import RoleCredentials

# What AWS's Python runtimes have on board.
RUNTIME_PACKAGES = DistributionSet(("awslambdaric", "boto3"))

# Lambda sets these itself and refuses functions that bring their own.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECRET_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)


# What a worker starts inherits it; each environment has a log stream of its own.
MARK = "AWS_LAMBDA_LOG_STREAM_NAME"


@dataclass(frozen=True)
class Launch:
    """How to start one worker.

    Attributes:
        scratch: The environment's private folder, to be removed with it.
        aws_folders: Where files of the environment lie on AWS, by the folder where they lie here.
    """

    command: tuple[str, ...]
    variables: dict[str, str]
    working_directory: Path
    scratch: Path
    aws_folders: tuple[tuple[bytes, bytes], ...]

    def as_on_aws(self, text: bytes) -> bytes:
        """A stack trace or a line of the log, with the files where they lie on AWS."""
        for here, there in self.aws_folders:
            text = text.replace(here, there)
        return text

    def clean(self) -> None:
        """Remove what belonged to the environment alone."""
        shutil.rmtree(self.scratch, ignore_errors=True)


class EnvironmentBuilder:
    """Lays out the files of environments under the data directory."""

    def __init__(self, settings: FunctionSettings) -> None:
        self._endpoint_url = settings.endpoint_url
        self._other_endpoints = settings.other_endpoints
        self._code = ArchiveFolders(settings.data_dir / "code")
        self._layers = ArchiveFolders(settings.data_dir / "layers")
        self._packages = DistributionFolders(settings.data_dir / "packages")
        self._environments = settings.data_dir / "environments"
        millpond = Path(lifeline.__file__).parent
        self._kept = ":".join(_below_tmp(settings.data_dir, millpond, sys.prefix, sys.base_prefix, *sys.path))
        # Left behind by a process that was killed.
        shutil.rmtree(self._environments, ignore_errors=True)

    def prepare(
        self,
        definition: FunctionDefinition,
        credentials: RoleCredentials,
        runtime_api: str,
        log_stream: str,
    ) -> Launch:
        """Unpack what is not unpacked yet and say how a worker of the function is started."""
        task_root = self._code.folder(definition.code)
        runtime_dir = self._packages.folder(RUNTIME_PACKAGES)
        # On AWS they are unpacked into one folder, one after the other: the last one wins.
        layers = [self._layer_folder(layer) for layer in reversed(definition.layers)]
        scratch = self._environments / uuid.uuid4().hex
        temporary = scratch / "tmp"
        temporary.mkdir(parents=True)
        variables = {
            **dict(definition.variables),
            **_role_variables(credentials),
            "AWS_DEFAULT_REGION": definition.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{definition.runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(definition.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": definition.name,
            "AWS_LAMBDA_FUNCTION_VERSION": definition.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": definition.log_format,
            "AWS_LAMBDA_LOG_GROUP_NAME": definition.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "AWS_REGION": definition.region,
            "LAMBDA_RUNTIME_DIR": str(runtime_dir),
            "LAMBDA_TASK_ROOT": str(task_root),
            "_HANDLER": definition.handler,
        }
        if definition.log_level:
            variables["AWS_LAMBDA_LOG_LEVEL"] = definition.log_level
        # These a function may set for itself.
        defaults = {
            "AWS_ENDPOINT_URL": self._endpoint_url,
            **{f"AWS_ENDPOINT_URL_{name.upper()}": url for name, url in self._other_endpoints.items()},
            # No configuration of the machine's user, no instance metadata: only what is given here.
            "HOME": str(temporary),
            "AWS_EC2_METADATA_DISABLED": "true",
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": _joined(folder / "lib" for folder in layers),
            "PATH": _joined([*(folder / "bin" for folder in layers), "/usr/local/bin", "/usr/bin", "/bin"]),
            "PYTHONPATH": _joined([task_root, *(p for f in layers for p in _python_folders(f)), runtime_dir]),
            "TMPDIR": str(temporary),
            "TZ": ":UTC",
        }
        folders = [(task_root, "/var/task"), (runtime_dir, "/var/runtime")]
        for layer in layers:
            folders.append((layer, "/opt" if (layer / "python").is_dir() else "/opt/python"))
        aws_folders = tuple((str(here).encode(), there.encode()) for here, there in folders)
        return Launch(
            self._command(definition, temporary), defaults | variables, task_root, scratch, aws_folders
        )

    def _command(self, definition: FunctionDefinition, temporary: Path) -> tuple[str, ...]:
        # -S: Millpond's own packages stay out of sight; -P: so does the folder of the bootstrap script.
        return (
            *(sys.executable, "-S", "-P"),
            *(ephemeral_storage.__file__, str(definition.ephemeral_storage_mb), str(temporary), self._kept),
            *(lifeline.__file__, MARK, bootstrap.__file__),
        )

    def _layer_folder(self, layer: ZipArchive | DistributionSet) -> Path:
        if isinstance(layer, ZipArchive):
            return self._layers.folder(layer)
        return self._packages.folder(layer)


def _below_tmp(*folders: Path | str) -> Iterator[str]:
    """Those of the folders that a function with a `/tmp` of its own would not see any more."""
    for folder in {Path(folder).resolve() for folder in folders if folder}:
        if folder.is_dir() and ephemeral_storage.TMP in folder.parents:
            yield str(folder)


def _role_variables(credentials: RoleCredentials) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
    }


def _python_folders(layer: Path) -> list[Path]:
    """Where a layer keeps Python packages; a folder of installed packages is one by itself."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    inside = [layer / "python" / "lib" / version / "site-packages", layer / "python"]
    return inside if (layer / "python").is_dir() else [layer]


def _joined(paths: Iterable[Path | str]) -> str:
    return os.pathsep.join(str(path) for path in paths)
