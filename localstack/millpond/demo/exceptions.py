"""What can make the demo fail, besides the parts that it runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from millpond.exceptions import MillpondError


class DemoError(MillpondError):
    """The demo did not reach its end."""


class NoSalesFiles(DemoError):
    """The data folder has nothing to load."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"No sales files (*.csv, *.csv.gz) in {folder}. Name a folder that has some with --data, "
            "or leave --data out to generate data."
        )


class MissingOutputs(DemoError):
    """The project is no lake as the demo knows it."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"The stack does not export {', '.join(names)}: the demo needs these names to find the lake."
        )


class IngestionStalled(DemoError):
    """Files lie in landing and ingestion does not get on with them."""


class EventsNotTaken(DemoError):
    """The events API does not say what it took."""

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"Events were posted to {url}, and {problem}. The function's log group says why.")


class PipelineFailed(DemoError):
    """A job, a crawler or a state machine of the lake did not come to a good end."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"The {name} {problem}")


class BuildFailed(DemoError):
    """dbt ended with errors or failed tests; its output says which."""

    def __init__(self, exit_code: int, log: Path) -> None:
        super().__init__(f"dbt build failed (exit code {exit_code}). Its output is above; its log is {log}.")


class FilesWithoutDay(DemoError):
    """The DAGs work on days, and a file does not tell its day."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Airflow's DAGs find a day's files by their names, and {path.name} does not begin with a day "
            "such as 2011-12-09. Rename the files, or run the demo without --airflow."
        )


class NotPublished(DemoError):
    """Readers do not see what was built."""

    def __init__(self, mart: str, rows: int) -> None:
        super().__init__(f"published_{mart} differs from {mart} in {rows} rows.")


class LinesLost(DemoError):
    """What came in is not what lies in raw and quarantine."""


class CallsDenied(DemoError):
    """Somebody in the lake was denied what its part needs."""

    def __init__(self, denials: Sequence[str]) -> None:
        super().__init__(
            "Calls were denied while the lake worked:\n  "
            + "\n  ".join(denials)
            + "\n`millpond access` shows every role's rights."
        )
