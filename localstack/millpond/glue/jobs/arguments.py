"""A run's arguments: the job's defaults under the run's own, and what Glue itself reads of them.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BOOKMARK_ENABLED: Final = "job-bookmark-enable"
BOOKMARK_PAUSED: Final = "job-bookmark-pause"
BOOKMARK_DISABLED: Final = "job-bookmark-disable"

_READ_BY_GLUE: Final = frozenset(
    {
        "--additional-python-modules",
        "--conf",
        "--custom-logGroup-prefix",
        "--custom-logStream-prefix",
        "--continuous-log-conversionPattern",
        "--continuous-log-logGroup",
        "--continuous-log-logStreamPrefix",
        "--enable-auto-scaling",
        "--enable-continuous-cloudwatch-log",
        "--enable-continuous-log-filter",
        "--enable-glue-datacatalog",
        "--enable-job-insights",
        "--enable-metrics",
        "--enable-observability-metrics",
        "--enable-spark-ui",
        "--extra-files",
        "--extra-jars",
        "--extra-py-files",
        "--job-language",
        "--library-set",
        "--python-modules-installer-option",
        "--scriptLocation",
        "--spark-event-logs-path",
        "--user-jars-first",
        "library-set",
    }
)
"""Arguments that Glue reads and does not hand to the script."""

_NOT_AVAILABLE: Final[Mapping[str, str]] = {
    "--datalake-formats": "its connectors are no part of PySpark's package",
    "--class": "only Python scripts run",
}


@dataclass(frozen=True)
class JobArguments:
    """The arguments of one run."""

    values: Mapping[str, str]

    @classmethod
    def overlay(cls, *layers: Mapping[str, str] | None) -> JobArguments:
        """Put layers over each other, the last on top: defaults, the run's own, those not overridable."""
        values: dict[str, str] = {}
        for layer in layers:
            values.update({name: str(value) for name, value in (layer or {}).items()})
        return cls(values)

    def text(self, name: str) -> str | None:
        """An argument's value, None if it is not given or empty."""
        return self.values.get(name) or None

    def names(self, name: str) -> list[str]:
        """The items of an argument that is separated by commas."""
        return [item.strip() for item in self.values.get(name, "").split(",") if item.strip()]

    def on(self, name: str) -> bool:
        """Whether an option is given: what counts is its presence, but for an explicit `false`."""
        return name in self.values and self.values[name].strip().lower() != "false"

    @property
    def bookmark_option(self) -> str:
        """What is done with bookmarks."""
        return self.values.get("--job-bookmark-option") or BOOKMARK_DISABLED

    @property
    def library_set(self) -> str:
        """Which packages a Python shell has: `analytics` or `none`."""
        return self.values.get("library-set") or self.values.get("--library-set") or "analytics"

    @property
    def spark_configuration(self) -> dict[str, str]:
        """`--conf`: `a=b`, several as `a=b --conf c=d`."""
        pairs = [part.strip() for part in self.values.get("--conf", "").split("--conf")]
        return dict(tuple(pair.split("=", 1)) for pair in pairs if "=" in pair)  # type: ignore[misc]  # pairs

    @property
    def not_available(self) -> str | None:
        """Why an argument cannot be honoured here, for the first for which this is so."""
        for name, reason in _NOT_AVAILABLE.items():
            if self.text(name):
                return f"{name} is not supported locally: {reason}"
        return None

    @property
    def for_script(self) -> dict[str, str]:
        """What the script is given of them."""
        return {name: value for name, value in self.values.items() if name not in _READ_BY_GLUE}
