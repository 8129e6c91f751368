"""Glue, Athena and Lake Formation."""

from __future__ import annotations

import json

from deploy.cases.case import Case

_TABLE = """
database = aws.glue.CatalogDatabase("d", name="NAME")
table = aws.glue.CatalogTable("t", name="orders", database_name=database.name,
    partition_keys=[{"name": "day", "type": "date"}],
    storage_descriptor={"location": "s3://lake/orders/", "columns": [{"name": "id", "type": "int"}]})
"""

_ROLE = """
role = aws.iam.Role("r", assume_role_policy=TRUST)
"""

CASES = [
    Case(
        "aws:glue/partition:Partition",
        _TABLE
        + """
aws.glue.Partition("p", database_name=database.name, table_name=table.name, partition_values=["2026-01-02"],
    storage_descriptor={"location": "s3://lake/orders/day=2026-01-02/",
                        "columns": [{"name": "id", "type": VALUE}]})
""",
        "int",
        "bigint",
        lambda cloud, out: cloud.client("glue").get_partition(
            DatabaseName=out["name"], TableName="orders", PartitionValues=["2026-01-02"]
        )["Partition"]["StorageDescriptor"]["Columns"][0]["Type"],
    ),
    Case(
        "aws:glue/classifier:Classifier",
        """
aws.glue.Classifier("c", name="NAME", csv_classifier={"delimiter": VALUE, "contains_header": "PRESENT",
    "quote_symbol": '"', "headers": ["id", "total"]})
""",
        ";",
        "|",
        lambda cloud, out: cloud.client("glue").get_classifier(Name=out["name"])["Classifier"][
            "CsvClassifier"
        ]["Delimiter"],
    ),
    Case(
        "aws:glue/securityConfiguration:SecurityConfiguration",
        """
aws.glue.SecurityConfiguration("c", name="NAME", encryption_configuration={
    "cloudwatch_encryption": {"cloudwatch_encryption_mode": "DISABLED"},
    "job_bookmarks_encryption": {"job_bookmarks_encryption_mode": "DISABLED"},
    "s3_encryption": {"s3_encryption_mode": VALUE}})
""",
        "DISABLED",
        "SSE-S3",
        lambda cloud, out: cloud.client("glue").get_security_configuration(Name=out["name"])[
            "SecurityConfiguration"
        ]["EncryptionConfiguration"]["S3Encryption"][0]["S3EncryptionMode"],
        replaces=True,
    ),
    Case(
        "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",
        """
aws.glue.DataCatalogEncryptionSettings("c", data_catalog_encryption_settings={
    "connection_password_encryption": {"return_connection_password_encrypted": VALUE,
                                       "aws_kms_key_id": "alias/NAME"},
    "encryption_at_rest": {"catalog_encryption_mode": "SSE-KMS", "sse_aws_kms_key_id": "alias/NAME"}})
""",
        True,
        False,
        lambda cloud, out: cloud.client("glue").get_data_catalog_encryption_settings()[
            "DataCatalogEncryptionSettings"
        ]["ConnectionPasswordEncryption"]["ReturnConnectionPasswordEncrypted"],
    ),
    Case(
        "aws:glue/dataQualityRuleset:DataQualityRuleset",
        _TABLE
        + """
aws.glue.DataQualityRuleset("q", name="NAME", ruleset=VALUE, tags={"owner": "data"},
    target_table={"database_name": database.name, "table_name": table.name})
""",
        'Rules = [ IsComplete "id" ]',
        'Rules = [ IsUnique "id" ]',
        lambda cloud, out: cloud.client("glue").get_data_quality_ruleset(Name=out["name"])["Ruleset"],
    ),
    Case(
        "aws:glue/connection:Connection",
        """
aws.glue.Connection("c", name="NAME", connection_type="JDBC", connection_properties={
    "JDBC_CONNECTION_URL": VALUE, "USERNAME": "reader", "PASSWORD": "secret"})
""",
        "jdbc:postgresql://one/shop",
        "jdbc:postgresql://two/shop",
        lambda cloud, out: cloud.client("glue").get_connection(Name=out["name"])["Connection"][
            "ConnectionProperties"
        ]["JDBC_CONNECTION_URL"],
    ),
    Case(
        "aws:glue/resourcePolicy:ResourcePolicy",
        """
aws.glue.ResourcePolicy("p", policy=json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": VALUE,
    "Resource": "arn:aws:glue:us-east-1:000000000000:*"}]}))
""",
        "glue:GetTable",
        "glue:GetTables",
        lambda cloud, out: json.loads(cloud.client("glue").get_resource_policy()["PolicyInJson"])[
            "Statement"
        ][0]["Action"],
    ),
    Case(
        "aws:glue/job:Job",
        _ROLE
        + """
aws.glue.Job("j", name="NAME", role_arn=role.arn, timeout=VALUE, glue_version="4.0",
    command={"name": "glueetl", "script_location": "s3://code/job.py"}, worker_type="G.1X",
    number_of_workers=2)
""",
        10,
        20,
        lambda cloud, out: cloud.client("glue").get_job(JobName=out["name"])["Job"]["Timeout"],
    ),
    Case(
        "aws:glue/crawler:Crawler",
        _ROLE
        + """
aws.glue.Crawler("c", name="NAME", role=role.arn, database_name="shop", schedule=VALUE,
    s3_targets=[{"path": "s3://lake/landing/"}])
""",
        "cron(0 1 * * ? *)",
        "cron(0 2 * * ? *)",
        lambda cloud, out: cloud.client("glue").get_crawler(Name=out["name"])["Crawler"]["Schedule"][
            "ScheduleExpression"
        ],
    ),
    Case(
        "aws:glue/trigger:Trigger",
        _ROLE
        + """
job = aws.glue.Job("j", role_arn=role.arn, command={"script_location": "s3://code/job.py"})
aws.glue.Trigger("t", name="NAME", type="SCHEDULED", schedule=VALUE, actions=[{"job_name": job.name}])
""",
        "cron(0 1 * * ? *)",
        "cron(0 2 * * ? *)",
        lambda cloud, out: cloud.client("glue").get_trigger(Name=out["name"])["Trigger"]["Schedule"],
    ),
    Case(
        "aws:glue/workflow:Workflow",
        """
aws.glue.Workflow("w", name="NAME", description=VALUE, default_run_properties={"day": "today"})
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("glue").get_workflow(Name=out["name"])["Workflow"]["Description"],
    ),
    Case(
        "aws:athena/preparedStatement:PreparedStatement",
        """
group = aws.athena.Workgroup("w", name="NAME", force_destroy=True)
aws.athena.PreparedStatement("p", name="orders_of", workgroup=group.name, query_statement=VALUE)
""",
        "SELECT * FROM orders WHERE id = ?",
        "SELECT id FROM orders WHERE id = ?",
        lambda cloud, out: cloud.client("athena").get_prepared_statement(
            StatementName="orders_of", WorkGroup=out["name"]
        )["PreparedStatement"]["QueryStatement"],
    ),
    Case(
        "aws:athena/dataCatalog:DataCatalog",
        """
aws.athena.DataCatalog("c", name="NAME", type="GLUE", description=VALUE,
    parameters={"catalog-id": "000000000000"}, tags={"owner": "data"})
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("athena").get_data_catalog(Name=out["name"])["DataCatalog"][
            "Description"
        ],
    ),
    Case(
        "aws:athena/database:Database",
        """
bucket = aws.s3.Bucket("b", force_destroy=True)
aws.athena.Database("d", name="NAME".replace("-", "_"), bucket=bucket.bucket, comment=VALUE)
""",
        "As it came",
        "It's cleaned",
        lambda cloud, out: cloud.client("glue").get_database(Name=out["name"].replace("-", "_"))["Database"][
            "Description"
        ],
        replaces=True,
    ),
    Case(
        "aws:lakeformation/dataLakeSettings:DataLakeSettings",
        """
aws.lakeformation.DataLakeSettings("s", admins=[VALUE])
""",
        "arn:aws:iam::000000000000:user/one",
        "arn:aws:iam::000000000000:user/two",
        lambda cloud, out: cloud.client("lakeformation").get_data_lake_settings()["DataLakeSettings"][
            "DataLakeAdmins"
        ][0]["DataLakePrincipalIdentifier"],
    ),
    Case(
        "aws:lakeformation/resource:Resource",
        _ROLE
        + """
other = aws.iam.Role("other", assume_role_policy=TRUST, name="NAME-other")
one = aws.iam.Role("one", assume_role_policy=TRUST, name="NAME-one")
bucket = aws.s3.Bucket("b", bucket="NAME")
aws.lakeformation.Resource("r", arn=bucket.arn, role_arn=pulumi.Output.all(one.arn, other.arn).apply(
    lambda arns: arns[VALUE]))
""",
        0,
        1,
        lambda cloud, out: ["-one", "-other"].index(
            cloud.client("lakeformation")
            .describe_resource(ResourceArn=f"arn:aws:s3:::{out['name']}")["ResourceInfo"]["RoleArn"]
            .removeprefix(f"arn:aws:iam::000000000000:role/{out['name']}")
        ),
    ),
    Case(
        "aws:lakeformation/permissions:Permissions",
        _TABLE
        + """
role = aws.iam.Role("r", name="NAME", assume_role_policy=TRUST)
aws.lakeformation.Permissions("p", principal=role.arn, permissions=VALUE,
    table={"database_name": database.name, "name": table.name})
""",
        ["SELECT"],
        ["DESCRIBE", "SELECT"],
        lambda cloud, out: sorted(
            permission
            for found in cloud.client("lakeformation").list_permissions(
                Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::000000000000:role/{out['name']}"},
                Resource={"Table": {"DatabaseName": out["name"], "Name": "orders"}},
            )["PrincipalResourcePermissions"]
            for permission in found["Permissions"]
        ),
        replaces=True,
    ),
]
