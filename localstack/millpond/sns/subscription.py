"""A topic's subscription, with functions as endpoints.

moto tells a function of an example message, whatever was published; here it gets the message.
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import datetime
import json
import logging
from typing import Any

import moto.sns.models
from moto.sns.models import Subscription

from millpond.delivery import DeliveryError, check_sender, deliver
from millpond.iam.enforcement import Actor, service_actor
from millpond.moto_models import stand_in

_log = logging.getLogger(__name__)


class FunctionSubscription(Subscription):
    """moto's subscription; a function is invoked asynchronously with the event that AWS sends."""

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
        sender = service_actor("sns.amazonaws.com", str(self.topic_arn))
        if self.protocol == "sqs" and not _may_send(str(self.endpoint), sender):
            return
        if self.protocol != "lambda":
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
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if message_structure == "json":
            message = self._parse_message_structure(message, self.protocol)
        event = {"Records": [self._record(message, message_id, subject, message_attributes or {})]}
        try:
            deliver(self.endpoint, json.dumps(event), sender=sender)
        except DeliveryError as error:
            _log.error("A message of %s could not be delivered: %s", self.topic_arn, error)

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


def _may_send(endpoint: str, sender: Actor) -> bool:
    """Whether a queue's policy lets the topic send there; what it does not take is lost, as on AWS."""
    try:
        check_sender(endpoint, sender)
    except DeliveryError as error:
        _log.error("A message could not be delivered: %s", error)
        return False
    return True


def install() -> None:
    """Put this subscription in the place of moto's; before the first request."""
    stand_in(moto.sns.models, "Subscription", FunctionSubscription)
