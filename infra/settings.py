"""The settings of a stack: what differs between a laptop, dev and prod. Defaults are those of production."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi

from infra.exceptions import SettingsError

_STACK_NAME = re.compile(r"[a-z](-?[a-z0-9]){0,15}")
_LOG_RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)


@dataclass(frozen=True)
class Settings:
    """What a stack may choose.

    Attributes:
        protect: Buckets, databases and tables cannot be deleted by a deployment. Turn it off only where all
            data can be loaded again.
        force_destroy: `destroy` deletes the data with the buckets. Not together with `protect`.
        results_expire_after_days: Query results are copies; after that they are deleted.
        old_versions_expire_after_days: How long an overwritten or deleted file can be brought back.
        log_retention_days: How long the functions' logs are kept; one of the periods of CloudWatch.
        ingest_concurrency: How many files are taken in at the same time, at least 2 (a rule of SQS sources).
        ingest_memory_mb: Memory, and with it processor time, of the ingest function; 1769 is one processor.
        analyst_scan_limit_gb: An analyst's query that scans more is stopped; each TB costs about 5 dollars.
        pandas_layer_version: Of the public layer `AWSSDKPandas-Python312` in the stack's region.
        powertools_layer_version: Of the public layer `AWSLambdaPowertoolsPythonV3-python312-x86_64`.
    """

    stack: str
    region: str
    protect: bool = True
    force_destroy: bool = False
    results_expire_after_days: int = 7
    old_versions_expire_after_days: int = 30
    log_retention_days: int = 30
    ingest_concurrency: int = 10
    ingest_memory_mb: int = 1769
    analyst_scan_limit_gb: int = 100
    pandas_layer_version: int = 20
    powertools_layer_version: int = 18

    def __post_init__(self) -> None:
        if not _STACK_NAME.fullmatch(self.stack):
            raise self._error(
                "stack",
                f"the name {self.stack!r} cannot be part of a bucket's",
                "Use up to 16 of a-z, 0-9, -.",
            )
        if self.protect and self.force_destroy:
            raise self._error("forceDestroy", "contradicts `protect`", "Set one of them to false.")
        if self.log_retention_days not in _LOG_RETENTIONS:
            allowed = ", ".join(map(str, _LOG_RETENTIONS))
            raise self._error("logRetentionDays", f"is {self.log_retention_days}", f"Use one of {allowed}.")
        for key, value, least, most in (
            ("resultsExpireAfterDays", self.results_expire_after_days, 1, 3650),
            ("oldVersionsExpireAfterDays", self.old_versions_expire_after_days, 1, 3650),
            ("ingestConcurrency", self.ingest_concurrency, 2, 1000),
            ("ingestMemoryMb", self.ingest_memory_mb, 512, 10240),
            ("analystScanLimitGb", self.analyst_scan_limit_gb, 1, 100_000),
            ("pandasLayerVersion", self.pandas_layer_version, 1, 10_000),
            ("powertoolsLayerVersion", self.powertools_layer_version, 1, 10_000),
        ):
            if not least <= value <= most:
                raise self._error(key, f"is {value}", f"Use a number from {least} to {most}.")

    def _error(self, key: str, problem: str, remedy: str) -> SettingsError:
        return SettingsError(self.stack, key, problem, remedy)


def load() -> Settings:
    """The settings of the stack that is being deployed.

    Raises:
        SettingsError: A setting cannot be used.
    """
    stack, config = pulumi.get_stack(), pulumi.Config()
    defaults = Settings(stack, region="")

    def number(key: str, default: int) -> int:
        try:
            value = config.get_int(key)
        except pulumi.ConfigTypeError as error:
            raise SettingsError(stack, key, f"is {config.get(key)!r}", "Write a whole number.") from error
        return default if value is None else value

    def flag(key: str, default: bool) -> bool:
        try:
            value = config.get_bool(key)
        except pulumi.ConfigTypeError as error:
            raise SettingsError(stack, key, f"is {config.get(key)!r}", "Write true or false.") from error
        return default if value is None else value

    region = pulumi.Config("aws").get("region")
    if not region:
        raise SettingsError(stack, "aws:region", "is missing", "Say where to deploy, like `us-east-1`.")
    return Settings(
        stack=stack,
        region=region,
        protect=flag("protect", defaults.protect),
        force_destroy=flag("forceDestroy", defaults.force_destroy),
        results_expire_after_days=number("resultsExpireAfterDays", defaults.results_expire_after_days),
        old_versions_expire_after_days=number(
            "oldVersionsExpireAfterDays", defaults.old_versions_expire_after_days
        ),
        log_retention_days=number("logRetentionDays", defaults.log_retention_days),
        ingest_concurrency=number("ingestConcurrency", defaults.ingest_concurrency),
        ingest_memory_mb=number("ingestMemoryMb", defaults.ingest_memory_mb),
        analyst_scan_limit_gb=number("analystScanLimitGb", defaults.analyst_scan_limit_gb),
        pandas_layer_version=number("pandasLayerVersion", defaults.pandas_layer_version),
        powertools_layer_version=number("powertoolsLayerVersion", defaults.powertools_layer_version),
    )
