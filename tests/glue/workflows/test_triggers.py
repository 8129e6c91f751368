"""What makes triggers fire, and what they start."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_trigger_on_demand_starts_its_actions_each_time(chains: Any) -> None:
    crawler = chains.crawler()
    trigger = chains.trigger("ON_DEMAND", [crawler])
    chains.glue.start_trigger(Name=trigger)
    chains.wait_for_crawls(crawler, 1)
    chains.glue.start_trigger(Name=trigger)
    chains.wait_for_crawls(crawler, 2)
    assert chains.glue.get_trigger(Name=trigger)["Trigger"]["State"] == "CREATED"


def test_trigger_starts_a_job_with_the_actions_arguments(chains: Any) -> None:
    glue, lake, job = chains.glue, chains.lake, chains.lake.cloud.unique_name("job")
    lake.put("job.py", "import sys; print(sys.argv)")
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{lake.bucket}/job.py", "PythonVersion": "3.9"}
    glue.create_job(Name=job, Role=lake.role, Command=command, DefaultArguments={"--day": "1", "--x": "1"})
    trigger = chains.trigger(
        "ON_DEMAND", [], Actions=[{"JobName": job, "Arguments": {"--day": "2"}, "Timeout": 7}]
    )
    glue.start_trigger(Name=trigger)
    (run,) = glue.get_job_runs(JobName=job)["JobRuns"]
    assert (run["Arguments"], run["Timeout"]) == ({"--day": "2", "--x": "1"}, 7)
    assert run["TriggerName"] == trigger


def test_job_that_does_not_run_here_says_so_in_the_run_that_a_trigger_started(chains: Any) -> None:
    glue, job = chains.glue, chains.lake.cloud.unique_name("job")
    command = {"Name": "gluestreaming", "ScriptLocation": f"s3://{chains.lake.bucket}/job.py"}
    glue.create_job(Name=job, Role=chains.lake.role, Command=command)
    crawler = chains.crawler()
    failed = {"LogicalOperator": "EQUALS", "JobName": job, "State": "FAILED"}
    chains.trigger("CONDITIONAL", [crawler], Predicate={"Conditions": [failed]}, StartOnCreation=True)
    glue.start_trigger(Name=chains.trigger("ON_DEMAND", [], Actions=[{"JobName": job}]))
    (run,) = glue.get_job_runs(JobName=job)["JobRuns"]
    assert run["JobRunState"] == "FAILED"
    assert "job command gluestreaming (glueetl and pythonshell run) is not supported" in run["ErrorMessage"]
    chains.wait_for_crawls(crawler)


def test_conditional_trigger_fires_once_all_its_conditions_are_met(chains: Any) -> None:
    first, second, last = chains.crawler(), chains.crawler(), chains.crawler()
    chains.trigger("CONDITIONAL", [last], **chains.after((first, "SUCCEEDED"), (second, "SUCCEEDED")))
    chains.glue.start_trigger(Name=chains.trigger("ON_DEMAND", [first]))
    chains.wait_for_crawls(first)
    assert chains.crawls(last) == 0
    chains.glue.start_trigger(Name=chains.trigger("ON_DEMAND", [first, second]))
    chains.wait_for_crawls(last)


def test_conditional_trigger_fires_on_any_of_its_conditions(chains: Any) -> None:
    first, second, last = chains.crawler(fails=True), chains.crawler(), chains.crawler()
    ends = ((first, "FAILED"), (second, "FAILED"))
    chains.trigger("CONDITIONAL", [last], **chains.after(*ends, logical="ANY"))
    chains.glue.start_trigger(Name=chains.trigger("ON_DEMAND", [first, second]))
    chains.wait_for_crawls(last)


@pytest.mark.parametrize(("ending", "state"), [("", "SUCCEEDED"), ("raise ValueError", "FAILED")])
def test_conditional_trigger_waits_for_a_job_and_a_crawler(chains: Any, ending: str, state: str) -> None:
    glue, lake, job = chains.glue, chains.lake, chains.lake.cloud.unique_name("job")
    lake.put("job.py", ending)
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{lake.bucket}/job.py", "PythonVersion": "3.9"}
    glue.create_job(Name=job, Role=lake.role, Command=command)
    first, last, never = chains.crawler(), chains.crawler(), chains.crawler()
    ends = chains.after((first, "SUCCEEDED"))
    conditions = ends["Predicate"]["Conditions"]
    conditions.append({"LogicalOperator": "EQUALS", "JobName": job, "State": state})
    chains.trigger("CONDITIONAL", [last], **ends)
    other = {"LogicalOperator": "EQUALS", "JobName": job, "State": "TIMEOUT"}
    chains.trigger("CONDITIONAL", [never], Predicate={"Conditions": [other]}, StartOnCreation=True)
    start = chains.trigger("ON_DEMAND", [], Actions=[{"JobName": job}, {"CrawlerName": first}])
    glue.start_trigger(Name=start)
    chains.wait_for_crawls(last)
    assert chains.crawls(never) == 0


def test_conditional_trigger_does_not_fire_for_what_was_started_by_hand(chains: Any) -> None:
    first, last, other = chains.crawler(), chains.crawler(), chains.crawler()
    chains.trigger("CONDITIONAL", [last], **chains.after((first, "SUCCEEDED")))
    chains.lake.run(first)
    chains.glue.start_trigger(Name=chains.trigger("ON_DEMAND", [other]))
    chains.wait_for_crawls(other)
    assert chains.crawls(last) == 0


def test_conditional_trigger_that_is_not_active_does_not_fire(chains: Any) -> None:
    first, idle, active = chains.crawler(), chains.crawler(), chains.crawler()
    deactivated = chains.trigger("CONDITIONAL", [idle], **chains.after((first, "SUCCEEDED")))
    chains.glue.stop_trigger(Name=deactivated)
    chains.trigger("CONDITIONAL", [active], **chains.after((first, "SUCCEEDED")))
    chains.glue.start_trigger(Name=chains.trigger("ON_DEMAND", [first]))
    chains.wait_for_crawls(active)
    assert chains.crawls(idle) == 0
    assert chains.glue.get_trigger(Name=deactivated)["Trigger"]["State"] == "DEACTIVATED"


def test_scheduled_trigger_is_kept_with_its_state(chains: Any) -> None:
    trigger = chains.trigger("SCHEDULED", [chains.crawler()], Schedule="cron(15 12 * * ? *)")
    states = [chains.glue.get_trigger(Name=trigger)["Trigger"]["State"]]
    for change in (chains.glue.start_trigger, chains.glue.stop_trigger):
        change(Name=trigger)
        states.append(chains.glue.get_trigger(Name=trigger)["Trigger"]["State"])
    assert states == ["CREATED", "ACTIVATED", "DEACTIVATED"]


def test_scheduled_trigger_fires_when_its_time_has_come(chains: Any) -> None:
    """A cron's smallest unit is a minute, so the clock is asked what it would do, and does it."""
    crawler = chains.crawler()
    trigger = chains.trigger("SCHEDULED", [crawler], Schedule="cron(* * * * ? *)", StartOnCreation=True)
    clock = chains.lake.cloud.cloud.services.glue.clock
    entry = clock._entries["trigger", "000000000000", "us-east-1", trigger]
    assert entry.schedule.next_after(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)).minute == 1
    entry.action(datetime.datetime.now(datetime.UTC))
    chains.wait_for_crawls(crawler)
    chains.glue.delete_trigger(Name=trigger)
    assert ("trigger", "000000000000", "us-east-1", trigger) not in clock._entries


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("SCHEDULED", {}, "Schedule cannot be null"),
        ("SCHEDULED", {"Schedule": "cron(1 2 3)"}, "six fields"),
        ("CONDITIONAL", {}, "Predicate cannot be null"),
        ("ON_DEMAND", {"StartOnCreation": True}, "not supported for ON_DEMAND"),
        ("ON_DEMAND", {"WorkflowName": "no-such-workflow"}, "no-such-workflow"),
    ],
)
def test_trigger_that_contradicts_its_type_is_refused(
    chains: Any, kind: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        chains.trigger(kind, [chains.crawler()], **options)


def test_trigger_cannot_be_made_twice(chains: Any) -> None:
    name = chains.trigger("ON_DEMAND", [])
    with pytest.raises(chains.glue.exceptions.AlreadyExistsException):
        chains.glue.create_trigger(Name=name, Type="ON_DEMAND", Actions=[])
