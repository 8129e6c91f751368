"""Athena: workgroups for people, dbt and pipelines, and the questions that everybody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from infra.retention import Retention

ANALYSTS = "analysts"
DBT = "dbt"
PIPELINES = "pipelines"

ANALYST_RESULTS = "analysts/"
DBT_RESULTS = "dbt/"
PIPELINE_RESULTS = "pipelines/"

_GIGABYTE = 10**9
_ENGINE = "Athena engine version 3"

# Name → what it answers, and the query over marts.
_NAMED_QUERIES: Mapping[str, tuple[str, str]] = {
    "monthly-revenue": (
        "Revenue of each month.",
        "select month, orders, gross_revenue, returns, net_revenue\nfrom monthly_revenue\norder by month",
    ),
    "best-customers": (
        "The customers who bought for most in the last year of sales.",
        """\
select customer_id, c.name, sum(line_amount) as revenue
from fct_order_lines
left join dim_customers as c using (customer_id)
where c.is_current
    and invoiced_at >= (select max(invoiced_at) from fct_order_lines) - interval '1' year
group by 1, 2
order by revenue desc
limit 50""",
    ),
}


@dataclass(frozen=True)
class QueryArgs:
    """The workgroups.

    Attributes:
        naming: What things are called.
        results_bucket: Where results go.
        key_arn: The key that encrypts them.
        marts_database: What the named queries ask.
        analyst_scan_limit_gb: An analyst's query that scans more is stopped.
        retention: What becomes of a workgroup's history when a deployment would delete it.
    """

    naming: Naming
    results_bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    marts_database: pulumi.Input[str]
    analyst_scan_limit_gb: int
    retention: Retention


class Query(pulumi.ComponentResource):
    """Athena's workgroups and named queries."""

    def __init__(self, name: str, args: QueryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:query:Query", name, None, opts)
        self._args = args
        self.analysts = self._workgroup(
            ANALYSTS,
            "Queries of people: limited, results in one place whatever the client says.",
            ANALYST_RESULTS,
            enforce=True,
            scan_limit=args.analyst_scan_limit_gb * _GIGABYTE,
        )
        # dbt says where each table lies; a workgroup that enforces its location would override it.
        self.dbt = self._workgroup(DBT, "Queries of dbt.", DBT_RESULTS, enforce=False, scan_limit=None)
        self.pipelines = self._workgroup(
            PIPELINES, "Checks of the pipelines.", PIPELINE_RESULTS, enforce=True, scan_limit=None
        )
        for query, (description, sql) in _NAMED_QUERIES.items():
            aws.athena.NamedQuery(
                f"query-{query}",
                name=query,
                description=description,
                workgroup=self.analysts.name,
                database=args.marts_database,
                query=sql,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"analyst_workgroup": self.analysts.name, "dbt_workgroup": self.dbt.name})

    def _workgroup(
        self, name: str, description: str, prefix: str, *, enforce: bool, scan_limit: int | None
    ) -> aws.athena.Workgroup:
        args, naming = self._args, self._args.naming
        return aws.athena.Workgroup(
            f"{name}-workgroup",
            name=naming.name(name),
            description=description,
            force_destroy=args.retention.force_destroy,
            configuration=aws.athena.WorkgroupConfigurationArgs(
                enforce_workgroup_configuration=enforce,
                publish_cloudwatch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=scan_limit,
                engine_version=aws.athena.WorkgroupConfigurationEngineVersionArgs(
                    selected_engine_version=_ENGINE
                ),
                result_configuration=aws.athena.WorkgroupConfigurationResultConfigurationArgs(
                    output_location=pulumi.Output.format("s3://{0}/{1}", args.results_bucket, prefix),
                    encryption_configuration=aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                        encryption_option="SSE_KMS", kms_key_arn=args.key_arn
                    ),
                ),
            ),
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
