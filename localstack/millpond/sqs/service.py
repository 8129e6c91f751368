"""What SQS's API does differently from moto's: receiving, deleting and waiting with the queue's lock."""

from __future__ import annotations

import time
from typing import Any, cast

import moto.sqs.models
from moto.sqs.exceptions import InvalidParameterValue, MissingParameter
from moto.sqs.models import Message, SQSBackend, _filter_message_attributes

from millpond.moto_models import stand_in
from millpond.sqs.queue import ConcurrentQueue

_MAX_VISIBILITY_SECONDS = 43_200


class QueueService(SQSBackend):
    """SQS in one account and region."""

    @property
    def _url_module(self) -> Any:
        from millpond.sqs import urls

        return urls

    def send_message(
        self,
        queue_name: str,
        message_body: str,
        message_attributes: dict[str, Any] | None = None,
        *arguments: Any,
        **given: Any,
    ) -> Message:
        """Send a message.

        Raises:
            MissingParameter: It is empty.
            InvalidParameterValue: It is longer than the queue takes, or an attribute is empty.
        """
        if not message_body:
            raise MissingParameter("MessageBody")
        most = int(self.get_queue(queue_name).maximum_message_size)  # type: ignore[attr-defined]  # moto sets it
        if len(message_body.encode()) > most:
            raise InvalidParameterValue(
                f"One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
            )
        for name, attribute in (message_attributes or {}).items():
            kind = attribute["DataType"]
            if not any(attribute.get(value) for value in ("StringValue", "BinaryValue")):
                raise InvalidParameterValue(
                    f"Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."
                )
        return super().send_message(queue_name, message_body, message_attributes, *arguments, **given)

    def receive_message(
        self,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        """Receive up to `count` messages; waits for the first one if asked to."""
        queue = self.get_queue(queue_name)
        end = time.monotonic() + wait_seconds_timeout
        while not (messages := queue.receive(count, visibility_timeout)):
            remaining = end - time.monotonic()
            if remaining <= 0 or not queue.await_messages(remaining):
                break
        for message in messages:
            _filter_message_attributes(message, message_attribute_names or [])
        return messages

    def change_message_visibility(
        self, queue_name: str, receipt_handle: str, visibility_timeout: int
    ) -> None:
        """Set anew how long a received message stays invisible."""
        if int(visibility_timeout) > _MAX_VISIBILITY_SECONDS:
            raise InvalidParameterValue(
                f"Value {visibility_timeout} for parameter VisibilityTimeout is invalid. Reason: Total "
                f"VisibilityTimeout for the message is beyond the limit [{_MAX_VISIBILITY_SECONDS} seconds]"
            )
        self.get_queue(queue_name).set_visibility(receipt_handle, int(visibility_timeout))

    def delete_queue(self, queue_name: str) -> None:
        """Delete a queue; those who wait for its messages wait no longer."""
        queue = self.get_queue(queue_name)
        super().delete_queue(queue_name)
        queue.wake()

    def get_queue(self, queue_name: str) -> ConcurrentQueue:
        """The queue of that name; raises QueueDoesNotExist."""
        return cast(ConcurrentQueue, super().get_queue(queue_name))


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    stand_in(moto.sqs.models, "Queue", ConcurrentQueue)
    moto.sqs.models.sqs_backends.backend = QueueService
