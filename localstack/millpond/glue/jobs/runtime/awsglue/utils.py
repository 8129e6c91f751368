"""A job's arguments, as scripts read them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

_BOOKMARK_OPTIONS: Final = ("job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable")
_OWN: Final = (
    "job-bookmark-option",
    "job-bookmark-from",
    "job-bookmark-to",
    "continuation-option",
    "JOB_ID",
    "JOB_RUN_ID",
    "SECURITY_CONFIGURATION",
    "encryption-type",
    "enable-data-lineage",
)
"""Arguments of Glue's own: they are always in the answer, and a script may not name them."""
_FOLDERS: Final = ("RedshiftTempDir", "TempDir")


class GlueArgumentError(Exception):
    """An argument that a script names was not given, or a value is not one of those allowed."""


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(  # noqa: N802 - AWS's name
    args: Sequence[str], options: Iterable[str], allow_abbrev: bool = False
) -> dict[str, Any]:
    """The values of a script's arguments, by name.

    Args:
        args: `sys.argv`.
        options: The names that the script needs, without their dashes.
        allow_abbrev: Whether a name may be shortened.

    Raises:
        GlueArgumentError: One of them was not given.
        RuntimeError: One of them is Glue's own, or the bookmark's range contradicts its option.
    """
    wanted = [name for name in options if name not in _FOLDERS]
    parser = _Parser(allow_abbrev=allow_abbrev)
    for name in _OWN:
        if name in wanted:
            raise RuntimeError(f"Using reserved arguments {name}")
        choices = _BOOKMARK_OPTIONS if name == "job-bookmark-option" else None
        parser.add_argument(f"--{name}", choices=choices, required=False)
    for name in _FOLDERS:
        parser.add_argument(f"--{name}", required=False)
    for name in wanted:
        parser.add_argument(f"--{name}", required=True)

    known, _ = parser.parse_known_args(list(args[1:]))
    values = vars(known)
    values.pop("continuation_option")
    values["job_bookmark_option"] = values["job_bookmark_option"] or _BOOKMARK_OPTIONS[2]
    folder = values["TempDir"] or values["RedshiftTempDir"]
    if folder:
        values["TempDir"] = values["RedshiftTempDir"] = folder
    _check_range(values)
    return values


def _check_range(values: dict[str, Any]) -> None:
    given = [name for name in ("job_bookmark_from", "job_bookmark_to") if values[name] is not None]
    if values["job_bookmark_option"] == _BOOKMARK_OPTIONS[1]:
        if len(given) == 1:
            missing = {"job_bookmark_from", "job_bookmark_to"}.difference(given).pop().replace("_", "-")
            raise RuntimeError(f"Missing option or value for --{missing}")
    elif len(given) == 2:
        raise RuntimeError("Invalid option(s) --job-bookmark-from --job-bookmark-to")
