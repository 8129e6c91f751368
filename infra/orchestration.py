"""Amazon MWAA: an Airflow environment in a network of its own, which reads its files from artifacts.

It costs some hundred dollars a month, so a stack has it only if it says so (`airflowEnabled`).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.dbt_manifest import build_manifest, project_files
from infra.naming import Naming
from infra.query import DBT
from infra.roles import AIRFLOW, DAGS_PREFIX

AIRFLOW_VERSION = "3.2.1"

_PROJECT = Path(__file__).resolve().parent.parent
_SOURCE = _PROJECT / "mwaa_dags"
_DBT = _PROJECT / "dbt_athena"
_BUILT = _PROJECT / ".millpond" / "mwaa"
_CIDR = "10.20.0.0/16"
_LOGS = ("dag_processing_logs", "scheduler_logs", "task_logs", "webserver_logs", "worker_logs")
# A file whose time is always the same: the archive changes only with its content.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class OrchestrationArgs:
    """The environment.

    Attributes:
        naming: What things are called.
        artifacts_bucket: Where DAGs, plugins and requirements lie; versioned.
        artifacts_bucket_arn: The same bucket.
        role_arn: The execution role.
        key_arn: The key that encrypts it.
        environment_class: How large it is: `mw1.small`, say.
        most_workers: How many workers there are at most.
        lineage_transport: Where lineage is told, as OpenLineage's JSON; empty for nowhere.
        options: What the DAGs are told of the lake, by its names in the stack's exports.
        needs: What must be there before: the role's rights.
    """

    naming: Naming
    artifacts_bucket: pulumi.Input[str]
    artifacts_bucket_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    environment_class: str
    most_workers: int
    lineage_transport: str
    options: Mapping[str, pulumi.Input[str]]
    needs: Sequence[pulumi.Resource]


class Orchestration(pulumi.ComponentResource):
    """The network, the files and the environment."""

    def __init__(
        self, name: str, args: OrchestrationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("millpond:orchestration:Orchestration", name, None, opts)
        self._args = args
        self._naming = args.naming
        self._child = pulumi.ResourceOptions(parent=self)
        subnets, group = self._network()
        self.environment = self._environment(subnets, group)
        self.register_outputs({"environment": self.environment.name})

    def _network(self) -> tuple[list[aws.ec2.Subnet], aws.ec2.SecurityGroup]:
        """Two private subnets; what they call outside goes through a gateway, what S3 holds does not.

        https://docs.aws.amazon.com/mwaa/latest/userguide/networking-about.html
        """
        tags = self._naming.tags
        vpc = aws.ec2.Vpc(
            "airflow-vpc",
            cidr_block=_CIDR,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=tags,
            opts=self._child,
        )
        internet = aws.ec2.InternetGateway("airflow-internet", vpc_id=vpc.id, tags=tags, opts=self._child)
        outer = self._subnet(vpc, "public", 0, "a")
        self._routes(vpc, "public", [outer], gateway_id=internet.id)
        address = aws.ec2.Eip("airflow-address", domain="vpc", tags=tags, opts=self._child)
        gateway = aws.ec2.NatGateway(
            "airflow-gateway",
            allocation_id=address.id,
            subnet_id=outer.id,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[internet]),
        )
        inner = [self._subnet(vpc, f"private-{zone}", number, zone) for number, zone in enumerate("ab", 1)]
        routes = self._routes(vpc, "private", inner, nat_gateway_id=gateway.id)
        aws.ec2.VpcEndpoint(
            "airflow-s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{self._naming.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[routes.id],
            tags=tags,
            opts=self._child,
        )
        group = aws.ec2.SecurityGroup(
            "airflow-group",
            name=self._naming.name(AIRFLOW),
            description="Airflow components among themselves.",
            vpc_id=vpc.id,
            ingress=[{"from_port": 0, "to_port": 0, "protocol": "-1", "self": True}],
            egress=[{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}],
            tags=tags,
            opts=self._child,
        )
        return inner, group

    def _subnet(self, vpc: aws.ec2.Vpc, name: str, number: int, zone: str) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"airflow-{name}",
            vpc_id=vpc.id,
            cidr_block=f"10.20.{number}.0/24",
            availability_zone=f"{self._naming.region}{zone}",
            tags=self._naming.tags,
            opts=self._child,
        )

    def _routes(
        self, vpc: aws.ec2.Vpc, name: str, subnets: Sequence[aws.ec2.Subnet], **target: pulumi.Input[str]
    ) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"airflow-{name}-routes", vpc_id=vpc.id, tags=self._naming.tags, opts=self._child
        )
        aws.ec2.Route(
            f"airflow-{name}-outside",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            opts=self._child,
            **target,
        )
        for number, subnet in enumerate(subnets):
            aws.ec2.RouteTableAssociation(
                f"airflow-{name}-routes-{number}",
                subnet_id=subnet.id,
                route_table_id=table.id,
                opts=self._child,
            )
        return table

    def _environment(
        self, subnets: Sequence[aws.ec2.Subnet], group: aws.ec2.SecurityGroup
    ) -> aws.mwaa.Environment:
        args, naming = self._args, self._naming
        dags = [self._upload(f"dags/{path}", file) for path, file in _dag_files(naming)]
        requirements = self._upload("requirements.txt", _SOURCE / "requirements.txt")
        startup = self._upload("startup.sh", _SOURCE / "startup.sh")
        plugins = self._upload("plugins.zip", _plugins_archive())
        return aws.mwaa.Environment(
            "airflow",
            name=naming.name(AIRFLOW),
            airflow_version=AIRFLOW_VERSION,
            environment_class=args.environment_class,
            min_workers=1,
            max_workers=args.most_workers,
            execution_role_arn=args.role_arn,
            kms_key=args.key_arn,
            source_bucket_arn=args.artifacts_bucket_arn,
            dag_s3_path=f"{DAGS_PREFIX}dags",
            requirements_s3_path=requirements.key,
            requirements_s3_object_version=requirements.version_id,
            startup_script_s3_path=startup.key,
            startup_script_s3_object_version=startup.version_id,
            plugins_s3_path=plugins.key,
            plugins_s3_object_version=plugins.version_id,
            airflow_configuration_options=_options(args),
            network_configuration={
                "subnet_ids": [subnet.id for subnet in subnets],
                "security_group_ids": [group.id],
            },
            logging_configuration=_logging(),
            webserver_access_mode="PUBLIC_ONLY",
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.needs, *dags]),
        )

    def _upload(self, path: str, file: Path) -> aws.s3.BucketObjectv2:
        return aws.s3.BucketObjectv2(
            f"airflow-{path}",
            bucket=self._args.artifacts_bucket,
            key=f"{DAGS_PREFIX}{path}",
            source=pulumi.FileAsset(str(file)),
            tags=self._naming.tags,
            opts=self._child,
        )


def _options(args: OrchestrationArgs) -> dict[str, pulumi.Input[str]]:
    lake = {f"lake.{name}": value for name, value in args.options.items()}
    lineage = {
        "openlineage.transport": args.lineage_transport,
        "openlineage.namespace": args.naming.name("lake"),
    }
    return lake | (lineage if args.lineage_transport else {})


def _dag_files(naming: Naming) -> list[tuple[str, Path]]:
    """The DAGs, the dbt project that `transform` runs, and the lock of dbt's environment."""
    folders = ((_SOURCE / "dags", ""), (_DBT, "dbt_athena/"))
    found = [
        (prefix + file.relative_to(folder).as_posix(), file)
        for folder, prefix in folders
        for file in project_files(folder)
    ]
    manifest = build_manifest(_DBT, _BUILT, _dbt_variables(naming))
    return [
        *found,
        ("dbt_athena/target/manifest.json", manifest),
        ("requirements-dbt.lock", _SOURCE / "requirements-dbt.lock"),
    ]


def _dbt_variables(naming: Naming) -> dict[str, str]:
    """What startup.sh will tell dbt, as far as its project and its profile read it."""
    return {
        "LAKE_RAW_DATABASE": naming.database("raw"),
        "LAKE_MARTS_DATABASE": naming.database("marts"),
        "LAKE_MARTS_BUCKET": naming.bucket("marts"),
        "LAKE_RESULTS_BUCKET": naming.bucket("results"),
        "LAKE_DBT_WORKGROUP": naming.name(DBT),
        "AWS_REGION": naming.region,
    }


def _plugins_archive() -> Path:
    folder, content = _SOURCE / "plugins", io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.py")):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
            archive.writestr(entry, file.read_bytes())
    # Named by its content: an upload that is under way never changes below the reader.
    built = _BUILT / f"plugins-{hashlib.sha256(content.getvalue()).hexdigest()[:12]}.zip"
    built.parent.mkdir(parents=True, exist_ok=True)
    built.write_bytes(content.getvalue())
    return built


def _logging() -> Any:
    return {kind: {"enabled": True, "log_level": "INFO"} for kind in _LOGS}
