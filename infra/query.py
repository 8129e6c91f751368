"""The Athena workgroups: one for people, one for dbt."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming

ANALYST_RESULTS = "analysts/"
DBT_RESULTS = "dbt/"

_GIGABYTE = 10**9


@dataclass(frozen=True)
class QueryArgs:
    """The workgroups.

    Attributes:
        naming: What things are called.
        results_bucket: Where results go.
        analyst_scan_limit_gb: An analyst's query that scans more is stopped.
        force_destroy: Whether a workgroup is deleted with its history.
    """

    naming: Naming
    results_bucket: pulumi.Input[str]
    analyst_scan_limit_gb: int
    force_destroy: bool


class Query(pulumi.ComponentResource):
    """Athena's workgroups."""

    def __init__(self, name: str, args: QueryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:query:Query", name, None, opts)
        self._args = args
        self.analysts = self._workgroup(
            "analysts",
            "Queries of people: limited, results in one place whatever the client says.",
            ANALYST_RESULTS,
            enforce=True,
            scan_limit=args.analyst_scan_limit_gb * _GIGABYTE,
        )
        # dbt says where each table lies; a workgroup that enforces its location would override it.
        self.dbt = self._workgroup("dbt", "Queries of dbt.", DBT_RESULTS, enforce=False, scan_limit=None)
        self.register_outputs({"analyst_workgroup": self.analysts.name, "dbt_workgroup": self.dbt.name})

    def _workgroup(
        self, name: str, description: str, prefix: str, *, enforce: bool, scan_limit: int | None
    ) -> aws.athena.Workgroup:
        naming = self._args.naming
        return aws.athena.Workgroup(
            f"{name}-workgroup",
            name=naming.name(name),
            description=description,
            force_destroy=self._args.force_destroy,
            configuration=aws.athena.WorkgroupConfigurationArgs(
                enforce_workgroup_configuration=enforce,
                publish_cloudwatch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=scan_limit,
                engine_version=aws.athena.WorkgroupConfigurationEngineVersionArgs(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=aws.athena.WorkgroupConfigurationResultConfigurationArgs(
                    output_location=pulumi.Output.format("s3://{0}/{1}", self._args.results_bucket, prefix),
                    encryption_configuration=aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
