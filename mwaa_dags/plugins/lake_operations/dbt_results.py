"""What dbt says of a run that failed: cosmos tells the exit code alone, the kind is in dbt's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lake_operations.failures import Category, Failure, NotTriedAgain, classify

# https://docs.getdbt.com/reference/artifacts/run-results-json
_RESULTS = Path("target", "run_results.json")
_LOG = Path("logs", "dbt.log")
# Above what dbt says when it gives up before it has run anything.
_GAVE_UP = "Encountered an error"


class DbtFailed(Exception):
    """dbt says why; another attempt may end otherwise."""


def raise_by_kind(project_dir: str, **_: Any) -> None:
    """Give a failure of dbt its kind; cosmos calls it after dbt has run in the folder.

    Raises:
        NotTriedAgain: No attempt at the same will end otherwise.
        DbtFailed: It may pass by itself.
    """
    failure = failure_of(Path(project_dir))
    if failure is None:
        return
    if failure.category.passes:
        raise DbtFailed(failure.message)
    raise NotTriedAgain(failure)


def failure_of(project: Path) -> Failure | None:
    """What went wrong; None if nothing did.

    A test that finds rows is a problem of the data. Of several failures, that one counts which another
    attempt does not mend.
    """
    if not (project / _RESULTS).exists():
        return _of_log(project / _LOG)
    failures = []
    for result in json.loads((project / _RESULTS).read_text())["results"]:
        message = f"{result['unique_id']}: {result.get('message') or result['status']}"
        if result["status"] == "fail":
            failures.append(Failure(Category.DATA, message))
        elif result["status"] in ("error", "runtime error"):
            failures.append(classify(message))
    return min(failures, key=lambda failure: failure.category.passes, default=None)


def _of_log(log: Path) -> Failure | None:
    if not log.exists():
        return None
    _, found, said = log.read_text(errors="replace").rpartition(_GAVE_UP)
    return classify(said.strip(" :\n")) if found else None
