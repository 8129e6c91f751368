"""Workgroups, the data catalog and what else of Athena's API clients call around a query."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from athena.athena_client import Lake


@pytest.fixture
def workgroup(lake: Lake) -> str:
    """A workgroup that enforces its own output location."""
    name = f"wg-{uuid.uuid4().hex[:8]}"
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "ResultConfiguration": {"OutputLocation": lake.uri("enforced")},
    }
    lake.athena.create_work_group(Name=name, Configuration=configuration)
    return name


def described(lake: Lake, workgroup: str) -> dict[str, Any]:
    return dict(lake.athena.get_work_group(WorkGroup=workgroup)["WorkGroup"])


def test_enforced_workgroup_ignores_the_clients_output_location(lake: Lake, workgroup: str) -> None:
    finished = lake.run("SELECT 1", WorkGroup=workgroup)
    assert finished.execution["ResultConfiguration"]["OutputLocation"].startswith(lake.uri("enforced/"))
    assert finished.execution["WorkGroup"] == workgroup


def test_external_location_is_refused_in_an_enforced_workgroup(lake: Lake, workgroup: str) -> None:
    sql = f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}') AS SELECT 1 AS n"
    execution = lake.wait(lake.start(sql, WorkGroup=workgroup))
    assert "enforces a centralized output location" in execution["Status"]["StateChangeReason"]


def test_updated_workgroup_keeps_what_was_not_named(lake: Lake, workgroup: str) -> None:
    lake.athena.update_work_group(
        WorkGroup=workgroup,
        Description="for tests",
        ConfigurationUpdates={
            "EnforceWorkGroupConfiguration": False,
            "ResultConfigurationUpdates": {"RemoveOutputLocation": True},
            "BytesScannedCutoffPerQuery": 10_000_000,
        },
    )
    found = described(lake, workgroup)
    assert found["Description"] == "for tests"
    assert found["Configuration"]["EnforceWorkGroupConfiguration"] is False
    assert found["Configuration"]["ResultConfiguration"] == {}
    assert found["Configuration"]["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"


def test_managed_results_are_read_from_the_api_alone(lake: Lake) -> None:
    name = f"managed-{uuid.uuid4().hex[:8]}"
    lake.athena.create_work_group(
        Name=name, Configuration={"ManagedQueryResultsConfiguration": {"Enabled": True}}
    )
    query_id = lake.athena.start_query_execution(
        QueryString="SELECT n FROM UNNEST(sequence(1, 1500)) AS t(n)", WorkGroup=name
    )["QueryExecutionId"]
    execution = lake.wait(query_id)
    assert "OutputLocation" not in execution["ResultConfiguration"]
    assert execution["ManagedQueryResultsConfiguration"]["Enabled"]
    pages = lake.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
    values = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert values == ["n", *map(str, range(1, 1501))]
    with pytest.raises(ClientError, match="OutputLocation cannot be given"):
        lake.start("SELECT 1", WorkGroup=name)


def test_disabled_workgroup_runs_no_query(lake: Lake, workgroup: str) -> None:
    lake.athena.update_work_group(WorkGroup=workgroup, State="DISABLED")
    with pytest.raises(ClientError, match="is disabled"):
        lake.start("SELECT 1", WorkGroup=workgroup)


def test_untagged_workgroup_has_an_empty_list_of_tags(lake: Lake, workgroup: str) -> None:
    arn = f"arn:aws:athena:us-east-1:000000000000:workgroup/{workgroup}"
    assert lake.athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_workgroup_that_is_not_empty_is_deleted_only_recursively(lake: Lake, workgroup: str) -> None:
    lake.athena.create_named_query(
        Name="q", Database=lake.database, QueryString="SELECT 1", WorkGroup=workgroup
    )
    with pytest.raises(ClientError, match="is not empty"):
        lake.athena.delete_work_group(WorkGroup=workgroup)
    lake.athena.delete_work_group(WorkGroup=workgroup, RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="is not found"):
        described(lake, workgroup)


def test_workgroup_that_ran_queries_is_deleted_only_recursively(lake: Lake, workgroup: str) -> None:
    query_id = lake.run("SELECT 1", WorkGroup=workgroup).execution["QueryExecutionId"]
    with pytest.raises(ClientError, match="is not empty"):
        lake.athena.delete_work_group(WorkGroup=workgroup)
    lake.athena.delete_work_group(WorkGroup=workgroup, RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="was not found"):
        lake.athena.get_query_execution(QueryExecutionId=query_id)


def test_named_query_sent_again_with_its_token_is_kept_once(lake: Lake) -> None:
    request = {"Name": "q", "Database": lake.database, "ClientRequestToken": str(uuid.uuid4())}
    first = lake.athena.create_named_query(QueryString="SELECT 1", **request)["NamedQueryId"]
    assert lake.athena.create_named_query(QueryString="SELECT 1", **request)["NamedQueryId"] == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        lake.athena.create_named_query(QueryString="SELECT 2", **request)


def test_query_without_any_output_location_is_refused(lake: Lake) -> None:
    with pytest.raises(ClientError, match="No output location provided"):
        lake.start("SELECT 1", ResultConfiguration={})


def test_unknown_workgroup_and_query_are_invalid_requests(lake: Lake) -> None:
    with pytest.raises(ClientError, match="InvalidRequestException"):
        lake.start("SELECT 1", WorkGroup="nowhere")
    with pytest.raises(ClientError, match="InvalidRequestException"):
        lake.athena.get_query_execution(QueryExecutionId=str(uuid.uuid4()))


def test_batch_get_tells_which_queries_it_does_not_know(lake: Lake) -> None:
    known, unknown = lake.run("SELECT 1").execution["QueryExecutionId"], str(uuid.uuid4())
    answer = lake.athena.batch_get_query_execution(QueryExecutionIds=[known, unknown])
    assert [q["QueryExecutionId"] for q in answer["QueryExecutions"]] == [known]
    assert [q["QueryExecutionId"] for q in answer["UnprocessedQueryExecutionIds"]] == [unknown]


def test_data_catalog_shows_what_glue_holds(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (a int COMMENT 'first') PARTITIONED BY (p string) "
        f"LOCATION '{lake.uri('t/')}'"
    )
    table = lake.athena.get_table_metadata(
        CatalogName="AwsDataCatalog", DatabaseName=lake.database, TableName="t"
    )
    assert table["TableMetadata"]["Columns"] == [{"Name": "a", "Type": "int", "Comment": "first"}]
    assert table["TableMetadata"]["PartitionKeys"] == [{"Name": "p", "Type": "string"}]
    names = lake.athena.list_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=lake.database)
    assert [t["Name"] for t in names["TableMetadataList"]] == ["t"]


def test_tables_are_listed_by_a_pattern(lake: Lake) -> None:
    for name in ("orders", "orders_old", "customers"):
        lake.run(f"CREATE EXTERNAL TABLE {name} (a int) LOCATION '{lake.uri(name)}/'")

    def names(pattern: str) -> list[str]:
        found = lake.athena.list_table_metadata(
            CatalogName="AwsDataCatalog", DatabaseName=lake.database, Expression=pattern
        )
        return [table["Name"] for table in found["TableMetadataList"]]

    assert names("orders") == ["orders"]
    assert names("orders.*") == names("ord*") == ["orders", "orders_old"]
    assert names(".*ers") == names("*ers") == ["customers", "orders"]


def test_glue_catalog_is_queried_under_the_names_it_is_registered_under(lake: Lake) -> None:
    name = f"Lake_{lake.database}"
    lake.athena.create_data_catalog(Name=name, Type="GLUE", Parameters={"catalog-id": "000000000000"})
    lake.run("CREATE VIEW v AS SELECT 7 AS n")
    assert lake.rows(f"SELECT n FROM {name}.{lake.database}.v") == [("7",)]
    context = {"Catalog": name, "Database": lake.database}
    query_id = lake.athena.start_query_execution(
        QueryString="SELECT n FROM v",
        QueryExecutionContext=context,
        ResultConfiguration={"OutputLocation": lake.uri("results/")},
    )["QueryExecutionId"]
    assert lake.wait(query_id)["Status"]["State"] == "SUCCEEDED"
    databases = lake.athena.get_paginator("list_databases").paginate(CatalogName=name)
    assert lake.database in [found["Name"] for page in databases for found in page["DatabaseList"]]
    with pytest.raises(ClientError, match="already exists"):
        lake.athena.create_data_catalog(Name=name, Type="GLUE", Parameters={"catalog-id": "000000000000"})


def test_other_data_catalogs_are_kept_and_cannot_be_queried(lake: Lake) -> None:
    name = f"hive_{lake.database}"
    function = "arn:aws:lambda:us-east-1:000000000000:function:metadata"
    lake.athena.create_data_catalog(Name=name, Type="HIVE", Parameters={"metadata-function": function})
    assert lake.athena.get_data_catalog(Name=name)["DataCatalog"]["Parameters"] == {
        "metadata-function": function
    }
    assert f"Data catalog '{name}' cannot be queried" in lake.error(f"SELECT * FROM {name}.a.b")
    assert f"Data catalog '{name}' cannot be queried" in lake.error(f"CREATE DATABASE {name}.a")
    with pytest.raises(ClientError, match="cannot be queried"):
        lake.athena.list_databases(CatalogName=name)
    with pytest.raises(ClientError, match="was not found"):
        lake.athena.list_databases(CatalogName="nowhere")
    assert "Catalog 'nowhere' does not exist" in lake.error("CREATE DATABASE nowhere.a")


def test_table_that_is_not_there_is_a_metadata_exception(lake: Lake) -> None:
    with pytest.raises(ClientError, match="MetadataException"):
        lake.athena.get_table_metadata(
            CatalogName="AwsDataCatalog", DatabaseName=lake.database, TableName="t"
        )


def test_unsupported_operation_is_refused_by_its_name(lake: Lake) -> None:
    with pytest.raises(ClientError, match="CreateCapacityReservation is not supported"):
        lake.athena.create_capacity_reservation(Name="c", TargetDpus=24)
    with pytest.raises(ClientError, match="GetSessionStatus is not supported"):
        lake.athena.get_session_status(SessionId="s")


def test_bytes_scanned_cutoff_cancels_the_query(lake: Lake, workgroup: str) -> None:
    lake.put("t/lines", b"x\n" * 5_100_000)
    lake.run(f"CREATE EXTERNAL TABLE t (line string) LOCATION '{lake.uri('t/')}'")
    lake.athena.update_work_group(
        WorkGroup=workgroup, ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    status = lake.wait(lake.start("SELECT * FROM t", WorkGroup=workgroup))["Status"]
    assert status["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in status["StateChangeReason"]


def test_request_sent_again_with_its_token_starts_no_second_query(lake: Lake) -> None:
    token = str(uuid.uuid4())
    assert lake.start("SELECT 1", ClientRequestToken=token) == lake.start(
        "SELECT 1", ClientRequestToken=token
    )


def test_named_query_can_be_changed_and_deleted(lake: Lake) -> None:
    created = lake.athena.create_named_query(Name="q", Database=lake.database, QueryString="SELECT 1")
    query_id = created["NamedQueryId"]
    lake.athena.update_named_query(NamedQueryId=query_id, Name="q2", QueryString="SELECT 2")
    [found] = lake.athena.batch_get_named_query(NamedQueryIds=[query_id])["NamedQueries"]
    assert (found["Name"], found["QueryString"]) == ("q2", "SELECT 2")
    lake.athena.delete_named_query(NamedQueryId=query_id)
    with pytest.raises(ClientError, match="InvalidRequestException"):
        lake.athena.get_named_query(NamedQueryId=query_id)


@pytest.fixture
def kms_key(cloud: Any) -> str:
    return str(cloud.client("kms").create_key()["KeyMetadata"]["Arn"])


def encrypted_by(key: str) -> dict[str, Any]:
    return {"EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": key}}


def test_results_and_tables_are_encrypted_as_the_query_asks(lake: Lake, kms_key: str) -> None:
    configuration = {"OutputLocation": lake.uri("results/"), **encrypted_by(kms_key)}
    finished = lake.run("SELECT 1", ResultConfiguration=configuration)
    lake.run(
        f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}') AS SELECT 1 AS n",
        ResultConfiguration=configuration,
    )
    assert finished.execution["ResultConfiguration"]["EncryptionConfiguration"]["KmsKey"] == kms_key
    for key in (*lake.keys("results/"), *lake.keys("t/")):
        head = lake.s3.head_object(Bucket=lake.bucket, Key=key)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", kms_key)


def test_enforced_workgroup_encrypts_results_with_its_own_key(
    lake: Lake, workgroup: str, kms_key: str
) -> None:
    lake.athena.update_work_group(
        WorkGroup=workgroup, ConfigurationUpdates={"ResultConfigurationUpdates": encrypted_by(kms_key)}
    )
    of_client = {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    finished = lake.run("SELECT 1", WorkGroup=workgroup, ResultConfiguration=of_client)
    output = finished.execution["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{lake.bucket}/")
    assert lake.s3.head_object(Bucket=lake.bucket, Key=output)["SSEKMSKeyId"] == kms_key


def test_result_is_not_written_with_a_key_that_is_not_there(lake: Lake) -> None:
    gone = f"arn:aws:kms:us-east-1:000000000000:key/{uuid.uuid4()}"
    configuration = {"OutputLocation": lake.uri("results/"), **encrypted_by(gone)}
    status = lake.wait(lake.start("SELECT 1", ResultConfiguration=configuration))["Status"]
    assert status["StateChangeReason"].startswith("Access denied when writing output to url: s3://")
    assert "ensure you are allowed to access your KMS key" in status["StateChangeReason"]
    assert lake.keys("results/") == []


def test_result_is_not_written_with_a_key_that_the_caller_may_not_use(
    cloud: Any, lake: Lake, kms_key: str
) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("analyst")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    queries = {"Effect": "Allow", "Action": ["athena:*", "s3:*", "glue:*"], "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="queries", PolicyDocument=policy(queries))
    analyst = replace(lake, athena=cloud.session_for_role(role).client("athena"))
    assert analyst.rows("SELECT 1") == [("1",)]
    configuration = {"OutputLocation": lake.uri("encrypted/"), **encrypted_by(kms_key)}
    status = analyst.wait(analyst.start("SELECT 1", ResultConfiguration=configuration))["Status"]
    assert status["StateChangeReason"].startswith("Access denied when writing output to url: s3://")
    encrypt = {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": kms_key}
    iam.put_role_policy(RoleName=name, PolicyName="key", PolicyDocument=policy(encrypt))
    assert analyst.run("SELECT 1", ResultConfiguration=configuration).rows == [("1",)]


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
