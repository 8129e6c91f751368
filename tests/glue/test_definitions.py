"""Classifiers, rulesets, and changes to jobs, crawlers, triggers and connections: all that moto lacks."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def job(cloud: Any, glue: Any) -> str:
    name = str(cloud.unique_name("job"))
    glue.create_job(
        Name=name,
        Role="arn:aws:iam::000000000000:role/glue",
        Command={"Name": "glueetl", "ScriptLocation": "s3://code/job.py"},
        Description="before",
        JobMode="SCRIPT",
        MaintenanceWindow="Sun:10",
        JobRunQueuingEnabled=True,
    )
    return name


def test_job_keeps_mode_window_and_queuing(glue: Any, job: str) -> None:
    found = glue.get_job(JobName=job)["Job"]
    settings = {name: found[name] for name in ("JobMode", "MaintenanceWindow", "JobRunQueuingEnabled")}
    assert settings == {"JobMode": "SCRIPT", "MaintenanceWindow": "Sun:10", "JobRunQueuingEnabled": True}


@pytest.mark.parametrize(
    ("command", "version", "expected"),
    [
        ("pythonshell", None, {"Timeout": 2880, "MaxCapacity": 0.0625}),
        ("glueetl", "4.0", {"Timeout": 2880, "GlueVersion": "4.0", "MaxCapacity": 10.0}),
        ("glueetl", "5.0", {"Timeout": 480, "GlueVersion": "5.0", "MaxCapacity": 10.0}),
        ("glueetl", None, {"Timeout": 480, "GlueVersion": "6.0", "MaxCapacity": 10.0}),
    ],
)
def test_what_a_job_does_not_say_is_answered_as_glue_fills_it_in(
    cloud: Any, glue: Any, command: str, version: str | None, expected: dict[str, Any]
) -> None:
    name = cloud.unique_name("job")
    given = {"GlueVersion": version} if version else {}
    script = {"Name": command, "ScriptLocation": "s3://code/job.py"}
    glue.create_job(Name=name, Role="arn:aws:iam::000000000000:role/x", Command=script, **given)
    found = glue.get_job(JobName=name)["Job"]
    names = ("Timeout", "GlueVersion", "MaxCapacity")
    assert {name: found[name] for name in names if name in found} == expected
    assert (found["MaxRetries"], found["ExecutionProperty"]) == (0, {"MaxConcurrentRuns": 1})


def test_what_a_job_says_is_answered_as_it_was_put(cloud: Any, glue: Any) -> None:
    name = cloud.unique_name("job")
    given = {
        "Timeout": 5,
        "MaxRetries": 2,
        "ExecutionProperty": {"MaxConcurrentRuns": 3},
        "NumberOfWorkers": 2,
    }
    script = {"Name": "glueetl", "ScriptLocation": "s3://code/job.py"}
    role = "arn:aws:iam::000000000000:role/x"
    glue.create_job(Name=name, Role=role, Command=script, WorkerType="G.1X", **given)
    found = glue.get_job(JobName=name)["Job"]
    assert {key: found[key] for key in given} == given
    assert "MaxCapacity" not in found


def test_update_of_job_overwrites_the_whole_definition(glue: Any, job: str) -> None:
    command = {"Name": "pythonshell", "ScriptLocation": "s3://code/other.py"}
    glue.update_job(JobName=job, JobUpdate={"Role": "arn:aws:iam::000000000000:role/x", "Command": command})
    found = glue.get_job(JobName=job)["Job"]
    assert found["Command"] == command
    assert "Description" not in found
    assert "JobMode" not in found


def test_update_of_crawler_changes_only_what_is_given(cloud: Any, glue: Any) -> None:
    name = cloud.unique_name("crawler")
    targets = {"S3Targets": [{"Path": "s3://lake/in/"}]}
    glue.create_crawler(Name=name, Role="glue", DatabaseName="raw", Targets=targets)
    glue.update_crawler(Name=name, Schedule="cron(0 1 * * ? *)")
    crawler = glue.get_crawler(Name=name)["Crawler"]
    assert crawler["Schedule"]["ScheduleExpression"] == "cron(0 1 * * ? *)"
    assert crawler["Targets"]["S3Targets"][0]["Path"] == "s3://lake/in/"
    assert crawler["Version"] == 2


def test_update_of_trigger_keeps_its_state(cloud: Any, glue: Any, job: str) -> None:
    name = cloud.unique_name("trigger")
    actions = [{"JobName": job}]
    glue.create_trigger(
        Name=name, Type="SCHEDULED", Schedule="cron(0 1 * * ? *)", Actions=actions, StartOnCreation=True
    )
    answer = glue.update_trigger(
        Name=name, TriggerUpdate={"Schedule": "cron(0 2 * * ? *)", "Actions": actions}
    )
    assert answer["Trigger"]["Schedule"] == "cron(0 2 * * ? *)"
    assert glue.get_trigger(Name=name)["Trigger"]["State"] == "ACTIVATED"


def test_classifier_counts_its_versions(cloud: Any, glue: Any) -> None:
    name = cloud.unique_name("classifier")
    glue.create_classifier(CsvClassifier={"Name": name, "Delimiter": ";"})
    glue.update_classifier(CsvClassifier={"Name": name, "QuoteSymbol": "'"})
    found = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    assert (found["Delimiter"], found["QuoteSymbol"], found["Version"]) == (";", "'", 2)


def test_classifier_cannot_be_made_twice(cloud: Any, glue: Any) -> None:
    given = {"Name": cloud.unique_name("classifier"), "JsonPath": "$[*]"}
    glue.create_classifier(JsonClassifier=given)
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_classifier(JsonClassifier=given)


@pytest.mark.parametrize("kind", ["classifier", "connection", "data_quality_ruleset"])
def test_what_is_deleted_is_gone(cloud: Any, glue: Any, kind: str) -> None:
    name = cloud.unique_name("thing")
    match kind:
        case "classifier":
            glue.create_classifier(XMLClassifier={"Name": name, "Classification": "x", "RowTag": "row"})
            glue.delete_classifier(Name=name)
        case "connection":
            glue.create_connection(
                ConnectionInput={"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": {}}
            )
            glue.delete_connection(ConnectionName=name)
        case _:
            glue.create_data_quality_ruleset(Name=name, Ruleset='Rules = [ IsComplete "id" ]')
            glue.delete_data_quality_ruleset(Name=name)
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        getattr(glue, f"get_{kind}")(Name=name)


def test_ruleset_is_read_with_its_table_and_tags(cloud: Any, glue: Any) -> None:
    name = cloud.unique_name("ruleset")
    table = {"DatabaseName": "raw", "TableName": "orders"}
    glue.create_data_quality_ruleset(
        Name=name, Ruleset='Rules = [ IsComplete "id" ]', TargetTable=table, Tags={"owner": "data"}
    )
    assert glue.get_data_quality_ruleset(Name=name)["TargetTable"] == table
    arn = f"arn:aws:glue:us-east-1:000000000000:dataQualityRuleset/{name}"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"owner": "data"}


def test_crawler_has_the_policies_that_it_did_not_name(cloud: Any, glue: Any) -> None:
    name = cloud.unique_name("crawler")
    lake = {"UseLakeFormationCredentials": True, "AccountId": "000000000000"}
    targets = {"S3Targets": [{"Path": "s3://lake/in/"}]}
    glue.create_crawler(
        Name=name, Role="glue", DatabaseName="raw", Targets=targets, LakeFormationConfiguration=lake
    )
    crawler = glue.get_crawler(Name=name)["Crawler"]
    assert crawler["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    assert crawler["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    }
    assert crawler["LakeFormationConfiguration"] == lake
