"""Queues under many senders and receivers at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from function_factory import Queues, TestQueue


def drain(queue: TestQueue) -> list[str]:
    bodies: list[str] = []
    while messages := queue.receive(1, seconds=1):
        bodies += [message["Body"] for message in messages]
    return bodies


def test_every_message_is_received_once_by_one_of_many_receivers(queues: Queues) -> None:
    queue = queues.create()
    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(lambda number: queue.send(str(number)), range(200)))
        received = [body for bodies in threads.map(lambda _: drain(queue), range(6)) for body in bodies]
    assert len(sent) == 200
    assert sorted(received, key=int) == [str(number) for number in range(200)]


def test_nothing_is_lost_that_is_sent_while_others_delete(queues: Queues) -> None:
    queue = queues.create()
    received: list[str] = []
    receiver = threading.Thread(target=lambda: received.extend(drain(queue)))
    receiver.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: queue.send(str(number)), range(200)))
    receiver.join()
    assert len(set(received)) == 200


def test_send_wakes_a_receiver_that_waits(queues: Queues) -> None:
    queue = queues.create()
    threading.Timer(0.3, lambda: queue.send("hello")).start()
    begun = time.monotonic()
    assert queue.bodies(seconds=10) == ["hello"]
    assert time.monotonic() - begun < 1


def test_message_comes_again_when_its_visibility_timeout_ends(queues: Queues) -> None:
    queue = queues.create(VisibilityTimeout="1")
    queue.send("hello")
    first = queue.client.receive_message(QueueUrl=queue.url)["Messages"][0]
    assert "Messages" not in queue.client.receive_message(QueueUrl=queue.url)
    begun = time.monotonic()
    [second] = queue.receive(seconds=10)
    assert first["MessageId"] == second["MessageId"]
    assert 0.5 < time.monotonic() - begun < 1.5


def test_message_received_too_often_goes_to_the_dead_letter_queue(queues: Queues) -> None:
    dead = queues.create()
    policy = f'{{"deadLetterTargetArn": "{dead.arn}", "maxReceiveCount": "2"}}'
    queue = queues.create(VisibilityTimeout="0", RedrivePolicy=policy)
    queue.send("poison")
    for _ in range(2):
        assert queue.client.receive_message(QueueUrl=queue.url)["Messages"][0]["Body"] == "poison"
    assert "Messages" not in queue.client.receive_message(QueueUrl=queue.url)
    assert dead.bodies() == ["poison"]


def test_fifo_queue_holds_back_a_group_with_a_message_in_flight(queues: Queues) -> None:
    queue = queues.create(fifo=True)
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        queue.send(body, MessageGroupId=group)
    first = queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=1)["Messages"]
    assert [message["Body"] for message in first] == ["a1"]
    assert queue.bodies(1, seconds=1) == ["b1"]
    queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=first[0]["ReceiptHandle"])
    assert queue.bodies(1, seconds=1) == ["a2"]


def test_fifo_queue_takes_the_same_message_once(queues: Queues) -> None:
    queue = queues.create(fifo=True)
    for _ in range(2):
        queue.send("same", MessageGroupId="a")
    assert queue.bodies(2, seconds=1) == ["same"]
    queue.send("same", MessageGroupId="a")
    assert queue.bodies(1, seconds=1) == []


def test_fifo_queue_gives_messages_of_one_group_after_the_other(queues: Queues) -> None:
    queue = queues.create(fifo=True)
    for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a")):
        queue.send(body, MessageGroupId=group)
    assert [message["Body"] for message in queue.receive(3)] == ["a1", "a2", "b1"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"MessageBody": ""}, "must contain the parameter MessageBody"),
        ({"MessageBody": "ä" * 600}, "Message must be shorter than 1024 bytes"),
        (
            {"MessageBody": "a", "MessageAttributes": {"kind": {"DataType": "String", "StringValue": ""}}},
            "must contain a non-empty value of type 'String'",
        ),
    ],
)
def test_messages_that_cannot_be_are_refused(queues: Queues, message: dict[str, Any], reason: str) -> None:
    queue = queues.create(MaximumMessageSize="1024")
    with pytest.raises(ClientError, match=reason):
        queue.client.send_message(QueueUrl=queue.url, **message)


def test_batches_without_failures_say_nothing_of_them(queues: Queues) -> None:
    queue = queues.create()
    sent = queue.client.send_message_batch(QueueUrl=queue.url, Entries=[{"Id": "1", "MessageBody": "a"}])
    assert "Failed" not in sent
    handle = queue.client.receive_message(QueueUrl=queue.url)["Messages"][0]["ReceiptHandle"]
    deleted = queue.client.delete_message_batch(
        QueueUrl=queue.url, Entries=[{"Id": "1", "ReceiptHandle": handle}]
    )
    assert (deleted["Successful"], "Failed" in deleted) == ([{"Id": "1"}], False)


def test_deleting_twice_is_no_error_and_a_foreign_handle_is_one(queues: Queues) -> None:
    queue = queues.create()
    queue.send("hello")
    [message] = queue.receive()
    queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    with pytest.raises(ClientError, match="receipt handle"):
        queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle="foreign")
