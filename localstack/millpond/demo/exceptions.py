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


class BuildFailed(DemoError):
    """dbt ended with errors or failed tests; its output says which."""

    def __init__(self, exit_code: int, log: Path) -> None:
        super().__init__(f"dbt build failed (exit code {exit_code}). Its output is above; its log is {log}.")


class LinesLost(DemoError):
    """What came in is not what lies in raw and quarantine."""
