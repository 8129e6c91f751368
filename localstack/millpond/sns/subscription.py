"""A topic's subscription: delivers to queues and functions, and to a dead-letter queue what they refuse.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import base64
import datetime
import json
import logging
from typing import Any

import moto.sns.models
from moto.core.exceptions import ServiceException
from moto.sns.models import Subscription
from moto.sqs.models import sqs_backends

from millpond.delivery import DeliveryError, check_sender, deliver
from millpond.iam.enforcement import Actor, service_actor
from millpond.moto_models import stand_in
from millpond.sns.service import TopicService

_log = logging.getLogger(__name__)


class DeliveringSubscription(Subscription):
    """moto's subscription; queues and functions get what AWS sends them."""

    def publish(
        self,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        """Pass a message on to the endpoint, unless its filter policy keeps it out."""
        if self.protocol not in ("lambda", "sqs"):
            super().publish(
                message,
                message_id,
                subject,
                message_attributes,
                group_id,
                deduplication_id,
                message_structure,
            )
            return
        attributes = message_attributes or {}
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if message_structure == "json":
            message = self._parse_message_structure(message, self.protocol)
        groups: dict[str, Any] = {"group_id": group_id, "deduplication_id": deduplication_id}
        try:
            if self.protocol == "lambda":
                event = {"Records": [self._record(message, message_id, subject, attributes)]}
                deliver(str(self.endpoint), json.dumps(event), sender=self._sender)
            else:
                self._send(str(self.endpoint), message, message_id, subject, attributes, groups)
        except DeliveryError as error:
            _log.error("A message of %s could not be delivered: %s", self.topic_arn, error)
            self._redrive(message, message_id, subject, attributes, groups)

    @property
    def _sender(self) -> Actor:
        return service_actor("sns.amazonaws.com", str(self.topic_arn))

    @property
    def _is_raw(self) -> bool:
        return str(self.attributes.get("RawMessageDelivery", "false")).lower() == "true"

    def _send(
        self,
        queue_arn: str,
        message: str,
        message_id: str,
        subject: str | None,
        attributes: dict[str, Any],
        groups: dict[str, Any],
    ) -> None:
        """Send a message to a queue, as it is or within its notification.

        Raises:
            DeliveryError: There is no such queue, or it does not let the topic send there.
        """
        check_sender(queue_arn, self._sender)
        if self._is_raw:
            body, kept = message, {name: _raw(value) for name, value in attributes.items()}
        else:
            body = json.dumps(self.get_post_data(message, message_id, subject, attributes), indent=2)
            kept = {}
        _, _, _, region, account_id, name = queue_arn.split(":", 5)
        try:
            sqs_backends[account_id][region].send_message(
                name, body, message_attributes=kept, validate_group_id=False, **groups
            )
        except ServiceException as error:
            raise DeliveryError(queue_arn, str(error)) from error

    def _redrive(
        self,
        message: str,
        message_id: str,
        subject: str | None,
        attributes: dict[str, Any],
        groups: dict[str, Any],
    ) -> None:
        """Send what the endpoint did not take to the subscription's dead-letter queue, if it has one.

        https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
        """
        policy = json.loads(self.attributes.get("RedrivePolicy") or "{}")
        if not policy.get("deadLetterTargetArn"):
            return
        try:
            self._send(policy["deadLetterTargetArn"], message, message_id, subject, attributes, groups)
        except DeliveryError as error:
            _log.error("A message of %s is lost: %s", self.topic_arn, error)

    def _record(
        self, message: str, message_id: str, subject: str | None, attributes: dict[str, Any]
    ) -> dict[str, Any]:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        return {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self.arn,
            "Sns": {
                "Type": "Notification",
                "MessageId": message_id,
                "TopicArn": self.topic_arn,
                "Subject": subject,
                "Message": message,
                "Timestamp": now.replace("+00:00", "Z"),
                # Nothing here signs messages; a function that checks signatures must fail.
                "SignatureVersion": "1",
                "Signature": "",
                "SigningCertUrl": "",
                "UnsubscribeUrl": "",
                "MessageAttributes": {
                    name: {"Type": value["Type"], "Value": value["Value"]}
                    for name, value in attributes.items()
                },
            },
        }


def _raw(attribute: dict[str, Any]) -> dict[str, Any]:
    """An attribute of a published message as a queue's message has it."""
    kind, value = attribute["Type"], attribute["Value"]
    if kind.startswith("Binary"):
        return {"DataType": kind, "BinaryValue": base64.b64decode(value)}
    return {"DataType": kind, "StringValue": str(value)}


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    stand_in(moto.sns.models, "Subscription", DeliveringSubscription)
    moto.sns.models.sns_backends.backend = TopicService
