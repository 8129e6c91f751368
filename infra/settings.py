"""The settings of a stack: what differs between a laptop, dev and prod. Defaults are those of production."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from infra.exceptions import SettingsError

# Without a hyphen: `millpond-dev-*` must never be the beginning of another stack's names.
_STACK_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
_TAG_VALUE: Final = re.compile(r"[\w .:/=+@-]{1,256}")
_REPOSITORY: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)?")
_EMAIL: Final = re.compile(r"([^@\s]+@[^@\s]+\.[^@\s]+)?")
_AIRFLOW_CLASS: Final = re.compile(r"mw1\.(micro|small|medium|large|xlarge|2xlarge)")
_LINEAGE_TRANSPORT: Final = re.compile(r'(\{.*"type".*\})?')
_LOG_RETENTIONS: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)

# Each number's least and most.
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "results_expire_after_days": (1, 3650),
    "old_versions_expire_after_days": (1, 3650),
    "access_logs_expire_after_days": (1, 3650),
    # S3 moves nothing to a cheaper class earlier.
    "cheaper_storage_after_days": (30, 3650),
    "ingest_concurrency": (2, 1000),
    "ingest_memory_mb": (512, 10240),
    "events_concurrency": (1, 1000),
    "events_requests_per_second": (1, 10_000),
    "events_buffer_seconds": (0, 900),
    "spark_workers": (2, 299),
    "analyst_scan_limit_gb": (1, 100_000),
    "monthly_budget_usd": (1, 1_000_000),
    "airflow_workers": (1, 25),
    "pandas_layer_version": (1, 10_000),
    "powertools_layer_version": (1, 10_000),
}
# Each text's form, and how to say it.
_FORMS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "owner": (_TAG_VALUE, "Name the team that answers for the lake."),
    "cost_centre": (_TAG_VALUE, "Name who pays for the lake."),
    "airflow_class": (_AIRFLOW_CLASS, "Use one of MWAA's classes, like `mw1.small`."),
    "airflow_lineage_transport": (
        _LINEAGE_TRANSPORT,
        'Write a transport of OpenLineage\'s, like {"type": "console"}, or leave it out.',
    ),
    "github_repository": (_REPOSITORY, "Write it like `owner/name`, or leave it out."),
    "alert_email": (_EMAIL, "Write an address, or leave it out."),
}


@dataclass(frozen=True)
class Settings:
    """What a stack may choose.

    Attributes:
        owner: The team that answers for it; a tag.
        cost_centre: Who pays for it; a tag.
        protect: Buckets, the key, databases and tables cannot be deleted by a deployment. Turn it off only
            where all data can be loaded again.
        force_destroy: `destroy` deletes the data too; without it, data is forgotten and left where it is. Not
            together with `protect`.
        owns_account: The account is this stack's alone: it makes the settings of the whole account too, which
            are the catalog's encryption and the identity provider of GitHub.
        schedules_enabled: Nightly jobs start by themselves.
        event_stream: There is an API for web events. Turn it off where the cloud has no API Gateway.
        events_allowed_origins: The sites whose pages may send events, parted by commas; empty for none.
        events_requests_per_second: What the API takes at most.
        events_concurrency: How many of its functions run at once; reserved for them.
        events_buffer_seconds: How long events are gathered before a file is written.
        results_expire_after_days: Query results are copies; after that they are deleted.
        old_versions_expire_after_days: How long an overwritten or deleted file can be brought back.
        access_logs_expire_after_days: How long it is known who read what.
        cheaper_storage_after_days: When files of landing and raw move to cheaper storage.
        log_retention_days: How long logs are kept; one of the periods of CloudWatch.
        ingest_concurrency: How many files are taken in at the same time, at least 2 (a rule of SQS sources);
            reserved for the function.
        ingest_memory_mb: Memory, and with it processor time, of the ingest function; 1769 is one processor.
        spark_workers: How many machines the Spark job has, at least 2.
        analyst_scan_limit_gb: An analyst's query that scans more is stopped; each TB costs about 5 dollars.
        monthly_budget_usd: Who is told by alarms is told too when a month costs more.
        alert_email: Who is told; empty for nobody by mail.
        github_repository: The repository whose workflows may deploy, as `owner/name`; empty for none. They
            must run in GitHub's deployment environment of the stack's name.
        airflow_enabled: There is an Airflow environment of MWAA, which costs some hundred dollars a month.
        airflow_class: How large it is, as `mw1.small`.
        airflow_workers: How many workers it has at most.
        airflow_lineage_transport: Where it tells what was made of what, as the JSON of an OpenLineage
            transport (https://openlineage.io/docs/client/python); empty for nowhere. No place for keys.
        pandas_layer_version: Of the public layer `AWSSDKPandas-Python312` in the stack's region.
        powertools_layer_version: Of the public layer `AWSLambdaPowertoolsPythonV3-python312-x86_64`.
    """

    stack: str
    region: str
    owner: str = "data-platform"
    cost_centre: str = "data-platform"
    protect: bool = True
    force_destroy: bool = False
    owns_account: bool = True
    schedules_enabled: bool = True
    event_stream: bool = True
    events_allowed_origins: str = ""
    events_requests_per_second: int = 200
    events_concurrency: int = 20
    events_buffer_seconds: int = 300
    results_expire_after_days: int = 7
    old_versions_expire_after_days: int = 30
    access_logs_expire_after_days: int = 90
    cheaper_storage_after_days: int = 30
    log_retention_days: int = 30
    ingest_concurrency: int = 10
    ingest_memory_mb: int = 1769
    spark_workers: int = 2
    analyst_scan_limit_gb: int = 100
    monthly_budget_usd: int = 500
    alert_email: str = ""
    github_repository: str = ""
    airflow_enabled: bool = False
    airflow_class: str = "mw1.small"
    airflow_workers: int = 5
    airflow_lineage_transport: str = ""
    pandas_layer_version: int = 20
    powertools_layer_version: int = 18

    def __post_init__(self) -> None:
        if not _STACK_NAME.fullmatch(self.stack):
            raise self._error(
                "stack",
                f"the name {self.stack!r} cannot be part of a bucket's",
                "Use up to 16 of a-z and 0-9.",
            )
        if self.protect and self.force_destroy:
            raise self._error("force_destroy", "contradicts `protect`", "Set one of them to false.")
        if self.log_retention_days not in _LOG_RETENTIONS:
            allowed = ", ".join(map(str, _LOG_RETENTIONS))
            raise self._error("log_retention_days", f"is {self.log_retention_days}", f"Use one of {allowed}.")
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise self._error(name, f"is {value}", f"Use a number from {least} to {most}.")
        for name, (form, remedy) in _FORMS.items():
            value = getattr(self, name)
            if not form.fullmatch(value):
                raise self._error(name, f"is {value!r}", remedy)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The sites whose pages may send events."""
        return tuple(origin.strip() for origin in self.events_allowed_origins.split(",") if origin.strip())

    def _error(self, name: str, problem: str, remedy: str) -> SettingsError:
        return SettingsError(self.stack, _key(name), problem, remedy)


def load() -> Settings:
    """The settings of the stack that is being deployed.

    Raises:
        SettingsError: A setting cannot be used.
    """
    stack, config = pulumi.get_stack(), pulumi.Config()
    region = pulumi.Config("aws").get("region")
    if not region:
        raise SettingsError(stack, "aws:region", "is missing", "Say where to deploy, like `us-east-1`.")
    readers: Mapping[Any, tuple[Callable[[str], Any], str]] = {
        bool: (config.get_bool, "Write true or false."),
        int: (config.get_int, "Write a whole number."),
        str: (config.get, "Write a text."),
    }
    given: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        if field.default is dataclasses.MISSING:
            continue
        read, remedy = readers[type(field.default)]
        key = _key(field.name)
        try:
            value = read(key)
        except pulumi.ConfigTypeError as error:
            raise SettingsError(stack, key, f"is {config.get(key)!r}", remedy) from error
        if value is not None:
            given[field.name] = value
    return Settings(stack=stack, region=region, **given)


def _key(name: str) -> str:
    """A setting's name in the stack file: `log_retention_days` is `logRetentionDays` there."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
