"""The Python packages that a job sees: AWS's own set, of what is installed beside Millpond, and no other."""

from __future__ import annotations

from importlib import metadata
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from millpond.functions.distributions import DistributionSet
from millpond.glue.jobs.exceptions import LaunchFailed

# https://docs.aws.amazon.com/glue/latest/dg/add-job-python.html#python-shell-limitations
_ALWAYS: Final = ("boto3",)
_ANALYTICS: Final = (
    "avro",
    "awswrangler",
    "elasticsearch",
    "numpy",
    "pandas",
    "psycopg2",
    "pyathena",
    "pymysql",
    "pyodbc",
    "pyorc",
    "redshift-connector",
    "requests",
    "s3fs",
    "scikit-learn",
    "scipy",
    "sqlalchemy",
)
# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html
_SPARK: Final = (
    "awswrangler",
    "fsspec",
    "numpy",
    "pandas",
    "py4j",
    "pyarrow",
    "pymysql",
    "pyspark",
    "python-dateutil",
    "pyyaml",
    "requests",
    "s3fs",
    "scikit-learn",
    "scipy",
)


def python_shell_packages(library_set: str, additional: list[str]) -> DistributionSet:
    """The packages of a Python shell job.

    Raises:
        LaunchFailed: The library set is unknown, or an additional module is not installed.
    """
    if library_set not in ("analytics", "none"):
        raise LaunchFailed(f"Invalid library-set {library_set}: it is analytics or none")
    provided = _installed(_ANALYTICS) if library_set == "analytics" else ()
    return DistributionSet((*_ALWAYS, *provided, *_checked(additional)))


def spark_packages(additional: list[str]) -> DistributionSet:
    """The packages of a Spark job.

    Raises:
        LaunchFailed: An additional module is not installed.
    """
    return DistributionSet((*_ALWAYS, *_installed(_SPARK), *_checked(additional)))


def _installed(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if _version(name) is not None)


def _checked(additional: list[str]) -> list[str]:
    """`--additional-python-modules` as far as they are packages by name: nothing is downloaded for them."""
    for text in additional:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise LaunchFailed(f"--additional-python-modules: {text} cannot be read: {error}") from None
        found = _version(requirement.name)
        if found is None:
            raise LaunchFailed(
                f"--additional-python-modules: {requirement.name} is not installed in the local cloud's "
                f"Python environment, and nothing is downloaded while a job starts: "
                f"run `pip install '{text}'` there"
            )
        if not requirement.specifier.contains(found, prereleases=True):
            raise LaunchFailed(
                f"--additional-python-modules: {text} was asked for, but the local cloud's Python "
                f"environment has {requirement.name} {found}, and nothing is downloaded while a job starts"
            )
    return additional


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
