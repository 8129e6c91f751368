"""Runs of workflows: what is started in which order, what is told of it, stopping and resuming."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def chain(chains: Any) -> tuple[str, str, str]:
    """A workflow that crawls twice: the second crawler follows the first."""
    workflow, first, second = chains.workflow(), chains.crawler(), chains.crawler()
    chains.trigger("ON_DEMAND", [first], WorkflowName=workflow)
    chains.trigger("CONDITIONAL", [second], WorkflowName=workflow, **chains.after((first, "SUCCEEDED")))
    return workflow, first, second


def names(run: dict[str, Any], kind: str) -> list[str]:
    return [node["Name"] for node in run["Graph"]["Nodes"] if node["Type"] == kind]


def test_run_starts_what_follows_what(chains: Any, chain: tuple[str, str, str]) -> None:
    workflow, first, second = chain
    run = chains.run(workflow)
    assert run["Status"] == "COMPLETED"
    assert (chains.crawls(first), chains.crawls(second)) == (1, 1)
    counts = {name: count for name, count in run["Statistics"].items() if count}
    assert counts == {"TotalActions": 2, "SucceededActions": 2}


def test_what_waits_for_many_fires_once(chains: Any) -> None:
    workflow, many, last = chains.workflow(), [chains.crawler() for _ in range(8)], chains.crawler()
    chains.trigger("ON_DEMAND", many, WorkflowName=workflow)
    ends = [(crawler, "SUCCEEDED") for crawler in many]
    chains.trigger("CONDITIONAL", [last], WorkflowName=workflow, **chains.after(*ends))
    run = chains.run(workflow)
    assert (run["Status"], run["Statistics"]["SucceededActions"]) == ("COMPLETED", 9)
    assert chains.crawls(last) == 1


def test_graph_has_the_runs_of_its_nodes_and_what_leads_where(
    chains: Any, chain: tuple[str, str, str]
) -> None:
    workflow, first, second = chain
    run = chains.run(workflow)
    nodes = {node["Name"]: node for node in run["Graph"]["Nodes"]}
    assert nodes[first]["CrawlerDetails"]["Crawls"][0]["State"] == "SUCCEEDED"
    edges = {(edge["SourceId"], edge["DestinationId"]) for edge in run["Graph"]["Edges"]}
    conditional = next(
        node for node in nodes.values() if node.get("TriggerDetails", {}).get("Trigger", {}).get("Predicate")
    )
    assert (nodes[first]["UniqueId"], conditional["UniqueId"]) in edges
    assert (conditional["UniqueId"], nodes[second]["UniqueId"]) in edges
    drawn = chains.glue.get_workflow(Name=workflow, IncludeGraph=True)["Workflow"]
    assert {node["UniqueId"] for node in drawn["Graph"]["Nodes"]} == {n["UniqueId"] for n in nodes.values()}
    assert drawn["LastRun"]["WorkflowRunId"] == run["WorkflowRunId"]


def test_failure_ends_the_chain_and_is_counted(chains: Any) -> None:
    workflow, first, second = chains.workflow(), chains.crawler(fails=True), chains.crawler()
    chains.trigger("ON_DEMAND", [first], WorkflowName=workflow)
    chains.trigger("CONDITIONAL", [second], WorkflowName=workflow, **chains.after((first, "SUCCEEDED")))
    run = chains.run(workflow)
    assert (run["Status"], run["Statistics"]["FailedActions"]) == ("COMPLETED", 1)
    assert chains.crawls(second) == 0


def test_action_that_cannot_be_started_is_counted_as_an_error(chains: Any) -> None:
    workflow = chains.workflow()
    chains.trigger("ON_DEMAND", ["no-such-crawler"], WorkflowName=workflow)
    run = chains.run(workflow)
    assert run["Statistics"]["ErroredActions"] == 1
    node = next(node for node in run["Graph"]["Nodes"] if node["Type"] == "CRAWLER")
    (crawl,) = node["CrawlerDetails"]["Crawls"]
    assert crawl["State"] == "ERROR"
    assert "no-such-crawler" in crawl["ErrorMessage"]


def test_job_of_a_workflow_reads_and_sets_the_runs_properties(chains: Any) -> None:
    glue, lake, job = chains.glue, chains.lake, chains.lake.cloud.unique_name("job")
    lake.put(
        "job.py",
        "import sys, boto3\n"
        "from awsglue.utils import getResolvedOptions\n"
        "given = getResolvedOptions(sys.argv, ['WORKFLOW_NAME', 'WORKFLOW_RUN_ID'])\n"
        "run = dict(Name=given['WORKFLOW_NAME'], RunId=given['WORKFLOW_RUN_ID'])\n"
        "glue = boto3.client('glue')\n"
        "day = glue.get_workflow_run_properties(**run)['RunProperties']['day']\n"
        "glue.put_workflow_run_properties(**run, RunProperties={'loaded': 'until ' + day})\n",
    )
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{lake.bucket}/job.py", "PythonVersion": "3.9"}
    glue.create_job(Name=job, Role=lake.role, Command=command)
    workflow = chains.workflow(DefaultRunProperties={"day": "monday", "kept": "yes"})
    chains.trigger("ON_DEMAND", [], Actions=[{"JobName": job}], WorkflowName=workflow)
    run = chains.run(workflow, RunProperties={"day": "friday"})
    assert run["WorkflowRunProperties"] == {"day": "friday", "kept": "yes", "loaded": "until friday"}
    node = next(node for node in run["Graph"]["Nodes"] if node["Type"] == "JOB")
    assert node["JobDetails"]["JobRuns"][0]["JobRunState"] == "SUCCEEDED"


def test_start_of_the_start_trigger_starts_the_workflow(chains: Any, chain: tuple[str, str, str]) -> None:
    workflow, _, second = chain
    start = next(
        node["Name"]
        for node in chains.glue.get_workflow(Name=workflow, IncludeGraph=True)["Workflow"]["Graph"]["Nodes"]
        if node.get("TriggerDetails", {}).get("Trigger", {}).get("Type") == "ON_DEMAND"
    )
    chains.glue.start_trigger(Name=start)
    chains.wait_for_crawls(second)
    assert len(chains.glue.get_workflow_runs(Name=workflow)["Runs"]) == 1


def test_stopped_run_stops_what_runs_and_starts_nothing_more(chains: Any) -> None:
    workflow, slow, last = chains.workflow(), chains.crawler(), chains.crawler()
    chains.lake.put_slow_files("in/")
    chains.trigger("ON_DEMAND", [slow], WorkflowName=workflow)
    ends = chains.after((slow, "CANCELLED"), (slow, "SUCCEEDED"), logical="ANY")
    chains.trigger("CONDITIONAL", [last], WorkflowName=workflow, **ends)
    run_id = chains.glue.start_workflow_run(Name=workflow)["RunId"]
    chains.glue.stop_workflow_run(Name=workflow, RunId=run_id)
    run = chains.ended(workflow, run_id)
    assert (run["Status"], run["Statistics"]["StoppedActions"]) == ("STOPPED", 1)
    assert chains.crawls(last) == 0
    with pytest.raises(chains.glue.exceptions.IllegalWorkflowStateException):
        chains.glue.stop_workflow_run(Name=workflow, RunId=run_id)


def test_resumed_run_repeats_the_chosen_node_and_what_follows_it(chains: Any) -> None:
    workflow, first, second, third = chains.workflow(), *(chains.crawler() for _ in range(3))
    chains.trigger("ON_DEMAND", [first], WorkflowName=workflow)
    chains.trigger("CONDITIONAL", [second], WorkflowName=workflow, **chains.after((first, "SUCCEEDED")))
    chains.trigger("CONDITIONAL", [third], WorkflowName=workflow, **chains.after((second, "SUCCEEDED")))
    before = chains.run(workflow)
    node = next(n["UniqueId"] for n in before["Graph"]["Nodes"] if n["Name"] == second)
    run_id = chains.glue.resume_workflow_run(Name=workflow, RunId=before["WorkflowRunId"], NodeIds=[node])[
        "RunId"
    ]
    run = chains.ended(workflow, run_id)
    assert run["PreviousRunId"] == before["WorkflowRunId"]
    assert [chains.crawls(crawler) for crawler in (first, second, third)] == [1, 2, 2]


def test_no_more_runs_at_once_than_the_workflow_allows(chains: Any) -> None:
    workflow, slow = chains.workflow(MaxConcurrentRuns=1), chains.crawler()
    chains.lake.put_slow_files("in/")
    chains.trigger("ON_DEMAND", [slow], WorkflowName=workflow)
    first = chains.glue.start_workflow_run(Name=workflow)["RunId"]
    with pytest.raises(chains.glue.exceptions.ConcurrentRunsExceededException):
        chains.glue.start_workflow_run(Name=workflow)
    chains.glue.stop_workflow_run(Name=workflow, RunId=first)
    chains.ended(workflow, first)
    second = chains.glue.start_workflow_run(Name=workflow)["RunId"]
    chains.glue.stop_workflow_run(Name=workflow, RunId=second)
    assert chains.ended(workflow, second)["PreviousRunId"] == first


def test_workflow_without_a_start_trigger_cannot_be_started(chains: Any) -> None:
    with pytest.raises(chains.glue.exceptions.ClientError, match="no trigger that starts it"):
        chains.glue.start_workflow_run(Name=chains.workflow())


def test_workflow_has_one_start_trigger(chains: Any, chain: tuple[str, str, str]) -> None:
    with pytest.raises(chains.glue.exceptions.InvalidInputException, match="already has a starting trigger"):
        chains.trigger("ON_DEMAND", [], WorkflowName=chain[0])
