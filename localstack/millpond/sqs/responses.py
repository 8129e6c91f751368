"""The wire format of SQS: batches of which nothing has failed say nothing of failures, as on AWS."""

from __future__ import annotations

from typing import Any, cast

from moto.core.responses import ActionResult
from moto.sqs.responses import SQSResponse


class QueueApi(SQSResponse):
    """The operations."""

    def send_message_batch(self) -> ActionResult:
        """Send up to ten messages."""
        return _without_empty(super().send_message_batch())

    def delete_message_batch(self) -> ActionResult:
        """Delete up to ten messages."""
        return _without_empty(super().delete_message_batch())

    def change_message_visibility_batch(self) -> ActionResult:
        """Set anew how long up to ten messages stay invisible."""
        return _without_empty(super().change_message_visibility_batch())


def _without_empty(answer: ActionResult) -> ActionResult:
    result = cast(dict[str, Any], answer.result)
    return ActionResult({name: entries for name, entries in result.items() if entries})
