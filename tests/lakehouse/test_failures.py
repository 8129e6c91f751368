"""What goes wrong in the lake goes wrong alone, and is to be seen: in a queue, in a run's state, in a log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from millpond.demo.deliveries import Delivery
from millpond.demo.exceptions import IngestionStalled, PipelineFailed
from millpond.demo.pipelines import crawl, load_batch

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROW = "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if found := condition():
            return found
        time.sleep(0.1)
    return pytest.fail(f"not within 60 s: {what}")


def log_of(lakehouse, group: str, words: str) -> list[str]:
    logs = lakehouse.lake.endpoint.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"] if words in event["message"]]


@pytest.fixture
def impatient_queue(lakehouse) -> Iterator[str]:
    """The ingest queue, with a second between two tries and not the minutes that the kit gives a function."""
    sqs, url = lakehouse.lake.endpoint.client("sqs"), lakehouse.lake.outputs.ingest_queue_url
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    yield url
    sqs.set_queue_attributes(QueueUrl=url, Attributes=found)
    sqs.purge_queue(QueueUrl=lakehouse.lake.outputs.ingest_dead_letter_queue_url)


def test_a_poison_message_ends_in_the_dead_letter_queue_while_others_go_through(
    lakehouse, impatient_queue, tmp_path
):
    sqs, outputs = lakehouse.lake.endpoint.client("sqs"), lakehouse.lake.outputs
    poison = json.dumps({"Records": [{"s3": "poison"}]})
    sqs.send_message(QueueUrl=impatient_queue, MessageBody=poison)
    file = tmp_path / "dirt-beside-poison.csv"
    file.write_text(HEADER + ROW.replace("536365", "700001"))
    lakehouse.lake.drop([Delivery("sales", file)], lambda: None)
    with pytest.raises(IngestionStalled, match="1 events ended in the dead-letter queue"):
        lakehouse.lake.wait_for_ingestion(lambda _: None)
    assert lakehouse.lake.count_rows("sales", "_source_file like '%/dirt-beside-poison.csv'") == 1
    dead = sqs.receive_message(QueueUrl=outputs.ingest_dead_letter_queue_url, AttributeNames=["All"])[
        "Messages"
    ]
    assert [message["Body"] for message in dead] == [poison]
    assert log_of(lakehouse, "/aws/lambda/millpond-local-ingest", "failed, to be tried again")


def test_a_job_that_fails_is_tried_again_and_says_why(lakehouse):
    glue, job = lakehouse.lake.endpoint.client("glue"), lakehouse.lake.outputs.compact_raw_job
    run_id = glue.start_job_run(JobName=job, Arguments={"--tables": "no_such_table"})["JobRunId"]

    def runs() -> list[dict[str, Any]] | None:
        # A further try is a run of its own, which names the one before.
        found = glue.get_job_runs(JobName=job)["JobRuns"]
        ours = [run for run in found if run["Id"] == run_id or run.get("PreviousRunId") == run_id]
        return ours if [run["JobRunState"] for run in ours] == ["FAILED", "FAILED"] else None

    tries = wait_until(runs, "two failed runs")
    assert sorted(run["Attempt"] for run in tries) == [0, 1]
    # A table that the lake has not is one that the job's role may not even look for.
    assert all("not authorized to perform: glue:GetTable" in run["ErrorMessage"] for run in tries)
    assert log_of(lakehouse, "/aws-glue/python-jobs/error", "Traceback")


def test_a_crawl_goes_past_files_that_cannot_be_read_and_names_them(lakehouse, tmp_path):
    before = crawl(lakehouse.lake)
    file = tmp_path / "dirt-cut-off.jsonl.gz"
    file.write_bytes(b"\x1f\x8b\x08\x00 cut off")
    lakehouse.drop("customers", file)
    assert crawl(lakehouse.lake) == before
    assert log_of(lakehouse, "/aws-glue/crawlers", file.name)


def test_a_batch_load_fails_with_the_file_that_it_cannot_load(lakehouse):
    with pytest.raises(PipelineFailed, match=r"ended as FAILED: .*FileNotLoaded"):
        load_batch(lakehouse.lake, ["sales/no-such-file.csv"])
