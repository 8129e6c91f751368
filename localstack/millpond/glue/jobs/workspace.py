"""What a job finds around it: its folder with the script and its packages, and its environment variables."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from millpond import lifeline
from millpond.functions.distributions import DistributionFolders, DistributionSet
from millpond.functions.exceptions import DistributionMissing
from millpond.glue.jobs import bootstrap
from millpond.glue.jobs.arguments import BOOKMARK_DISABLED
from millpond.glue.jobs.artifacts import Artifacts
from millpond.glue.jobs.bookmarks import BookmarkWindow
from millpond.glue.jobs.exceptions import LaunchFailed
from millpond.glue.jobs.packages import python_shell_packages, spark_packages
from millpond.glue.jobs.run import CommandName, JobRun, RunSpecification
from millpond.glue.jobs.settings import JobSettings
from millpond.glue.jobs.spark import spark_installation
from millpond.iam.enforcement import RoleCredentials

_RUNTIME: Final = Path(__file__).parent / "runtime"
"""The packages that Glue itself has on a job's path: `awsglue`."""

MARK: Final = "TMPDIR"
"""What a job's process starts inherits it, and each run has one of its own."""

# -S: Millpond's own packages stay out of sight; -P: so does the folder of the bootstrap script.
_ISOLATED: Final = ("-S", "-P")


@dataclass(frozen=True)
class Launch:
    """How to start one run.

    Attributes:
        folder: The run's own, to be removed with it.
    """

    command: tuple[str, ...]
    variables: dict[str, str]
    folder: Path

    @property
    def working_directory(self) -> Path:
        """Where the script runs."""
        return self.folder / "work"

    @property
    def outcome(self) -> Path:
        """The file in which the process says how the script ended."""
        return self.folder / "outcome.json"

    @property
    def committed_bookmark(self) -> Path:
        """The file in which `Job.commit` leaves the bookmark."""
        return self.folder / "bookmark-committed.json"

    @property
    def metrics(self) -> Path:
        """The file in which Spark's counters are when it has ended."""
        return self.folder / "metrics.json"

    def clean(self) -> None:
        """Remove what belonged to the run alone."""
        shutil.rmtree(self.folder, ignore_errors=True)


class WorkspaceBuilder:
    """Lays out the files of runs under the data directory."""

    def __init__(self, settings: JobSettings) -> None:
        self._settings = settings
        self._packages = DistributionFolders(settings.data_dir / "packages")
        self._runs = settings.data_dir / "runs"
        # Left behind by a process that was killed.
        shutil.rmtree(self._runs, ignore_errors=True)

    def prepare(self, run: JobRun, credentials: RoleCredentials, bookmark: BookmarkWindow) -> Launch:
        """Fetch the script and what belongs to it, and say how the run is started.

        Raises:
            LaunchFailed: Something is missing.
        """
        specification = run.specification
        arguments = specification.arguments
        if arguments.not_available:
            raise LaunchFailed(arguments.not_available)
        folder = self._runs / run.id
        for name in ("work", "home", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        artifacts = Artifacts(credentials, specification.region, self._settings.s3_endpoint_url)
        try:
            script = artifacts.fetch(
                arguments.text("--scriptLocation") or specification.command.script_location, folder / "script"
            )
            paths = _python_path(artifacts, specification, folder)
            for uri in arguments.names("--extra-files"):
                artifacts.fetch(uri, folder / "work")
            plan: dict[str, Any] = {
                "script": str(script),
                "arguments": _command_line(run),
                "outcome": str(folder / "outcome.json"),
            }
            variables = self._variables(run, credentials, folder)
            if specification.command.name is CommandName.SPARK:
                plan["spark"], more = self._spark(artifacts, run, folder, bookmark)
                variables |= more
            variables["PYTHONPATH"] = os.pathsep.join(
                str(path) for path in (*paths, _RUNTIME, self._package_folder(specification))
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        plan_file = folder / "plan.json"
        plan_file.write_text(json.dumps(plan))
        command = (sys.executable, *_ISOLATED, lifeline.__file__, MARK, bootstrap.__file__, str(plan_file))
        return Launch(command, variables, folder)

    def _package_folder(self, specification: RunSpecification) -> Path:
        arguments = specification.arguments
        named = [item for item in arguments.names("--additional-python-modules") if "://" not in item]
        packages: DistributionSet
        if specification.command.name is CommandName.SPARK:
            packages = spark_packages(named)
        else:
            packages = python_shell_packages(arguments.library_set, named)
        try:
            return self._packages.folder(packages)
        except DistributionMissing as error:
            raise LaunchFailed(str(error)) from None

    def _variables(self, run: JobRun, credentials: RoleCredentials, folder: Path) -> dict[str, str]:
        settings, region = self._settings, run.specification.region
        return {
            **credentials.environment,
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_ENDPOINT_URL": settings.endpoint_url,
            **{f"AWS_ENDPOINT_URL_{name.upper()}": url for name, url in settings.other_endpoints.items()},
            # No configuration of the machine's user, no instance metadata: only what is given here.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "GLUE_VERSION": run.specification.glue_version or "",
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(folder / "tmp"),
            "TZ": "UTC",
        }

    def _spark(
        self, artifacts: Artifacts, run: JobRun, folder: Path, bookmark: BookmarkWindow
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """What the process needs to know for a Spark session, and its environment variables."""
        installation = spark_installation()
        arguments = run.specification.arguments
        jars = [artifacts.fetch(uri, folder / "jars") for uri in arguments.names("--extra-jars")]
        (folder / "spark-conf").mkdir()
        python = folder / "python"  # Spark starts its Python workers by one word, without options
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" {" ".join(_ISOLATED)} "$@"\n')
        python.chmod(0o700)
        plan = {
            "app_name": run.specification.job_name,
            "bookmark": bookmark.as_dict(),
            "catalog": arguments.on("--enable-glue-datacatalog"),
            "classes": str(self._settings.data_dir / "classes"),
            "configuration": arguments.spark_configuration,
            "jars": [str(jar) for jar in jars],
            "s3_endpoint_url": self._settings.s3_endpoint_url,
            "temporary": str(folder / "tmp"),
        }
        variables = {
            "JAVA_HOME": str(installation.java_home),
            "PYSPARK_DRIVER_PYTHON": str(python),
            "PYSPARK_PYTHON": str(python),
            "SPARK_CONF_DIR": str(folder / "spark-conf"),
            "SPARK_HOME": str(installation.home),
            "SPARK_LOCAL_DIRS": str(folder / "tmp"),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        return plan, variables


def _command_line(run: JobRun) -> list[str]:
    """The script's arguments: those that Glue adds, over which the job's own go."""
    specification = run.specification
    values = {
        "--JOB_ID": f"j_{hashlib.sha256(specification.job_arn.encode()).hexdigest()}",
        "--JOB_RUN_ID": run.id,
        "--JOB_NAME": specification.job_name,
        "--job-bookmark-option": BOOKMARK_DISABLED,
        **specification.arguments.for_script,
    }
    return [text for item in values.items() for text in item]


def _python_path(artifacts: Artifacts, specification: RunSpecification, folder: Path) -> list[Path]:
    """Where the job's modules are: .py files in one folder, .zip and .egg as they are, wheels unpacked."""
    arguments = specification.arguments
    wheels = [item for item in arguments.names("--additional-python-modules") if "://" in item]
    library = folder / "lib"
    library.mkdir()
    paths = [library]
    for uri in [*arguments.names("--extra-py-files"), *wheels]:
        file = artifacts.fetch(uri, folder / "py-files")
        if file.suffix == ".py":
            file.rename(library / file.name)
        elif file.suffix in (".zip", ".egg"):
            paths.append(file)
        elif file.suffix == ".whl":
            _unpack(file, library)
        else:
            raise LaunchFailed(f"{uri}: only .py, .zip, .egg and .whl files can be on a job's Python path")
    return paths


def _unpack(wheel: Path, library: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(library)  # zipfile keeps names inside the folder
    except zipfile.BadZipFile:
        raise LaunchFailed(f"{wheel.name} is no wheel") from None
