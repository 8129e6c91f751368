"""SNS of one account and region: moto keeps topics and subscriptions; what AWS refuses is refused here."""

from __future__ import annotations

import ipaddress
import json
from typing import Any
from urllib.parse import urlsplit

from moto.sns.exceptions import SNSInvalidParameter, TopicNotFound
from moto.sns.models import SNSBackend, Subscription, Topic

_MOST_BYTES = 262_144
_PROTOCOLS = ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
# Nothing would ever be delivered. An address of e-mail is kept: it gets nothing before its owner confirms it.
_UNSERVED_PROTOCOLS = ("application", "firehose", "sms")


class TopicService(SNSBackend):
    """SNS, with AWS's refusals."""

    @property
    def _url_module(self) -> Any:
        from moto.sns import urls

        return urls

    def get_topic(self, arn: str) -> Topic:
        """A topic.

        Raises:
            SNSInvalidParameter: The ARN is none.
            TopicNotFound: There is no such topic.
        """
        _check_arn("TopicArn", arn)
        return super().get_topic(arn)

    def publish(
        self,
        message: str,
        arn: str | None,
        phone_number: str | None = None,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> str:
        """Publish.

        Raises:
            SNSInvalidParameter: The message or its subject is not valid, the ARN is of another region, or
                it is for a telephone.
            TopicNotFound: There is no such topic.
        """
        if not message:
            raise SNSInvalidParameter("Invalid parameter: Empty message")
        if len(message.encode()) > _MOST_BYTES:
            raise SNSInvalidParameter("Invalid parameter: Message too long")
        if subject == "":
            raise SNSInvalidParameter("Invalid parameter: Subject")
        if message_structure == "json":
            _check_structure(message)
        if phone_number is not None:
            raise SNSInvalidParameter(
                "Invalid parameter: PhoneNumber Reason: the local cloud sends no text messages"
            )
        topic = self._target(arn or "")
        message_id = super().publish(
            message,
            arn,
            phone_number,
            subject,
            message_attributes,
            group_id,
            deduplication_id,
            message_structure,
        )
        topic.sent_notifications.clear()  # moto keeps them for tests, without end
        return str(message_id)

    def subscribe(self, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        """Subscribe.

        Raises:
            SNSInvalidParameter: There is no such protocol, nothing is delivered by it here, or the endpoint
                is not on this machine.
        """
        if protocol not in _PROTOCOLS:
            raise SNSInvalidParameter(
                f"Invalid parameter: Amazon SNS does not support this protocol string: {protocol}"
            )
        if protocol in _UNSERVED_PROTOCOLS:
            raise SNSInvalidParameter(
                f"Invalid parameter: Protocol Reason: the local cloud delivers nothing by {protocol}"
            )
        if protocol in ("http", "https") and not _is_here(endpoint):
            raise SNSInvalidParameter(
                f"Invalid parameter: Endpoint Reason: the local cloud sends nothing to {endpoint}, "
                "only to addresses of this machine"
            )
        return super().subscribe(topic_arn, endpoint, protocol)

    def set_subscription_attributes(self, arn: str, name: str, value: Any) -> None:
        """SetSubscriptionAttributes.

        Raises:
            SNSInvalidParameter: The value is not valid.
        """
        if name == "RawMessageDelivery":
            if str(value).lower() not in ("true", "false"):
                raise SNSInvalidParameter(
                    f"Invalid parameter: RawMessageDelivery: Invalid value [{value}]. Must be true or false."
                )
            value = str(value).lower()
        if name in ("FilterPolicy", "RedrivePolicy") and value:
            _check_json(name, value)
        super().set_subscription_attributes(arn, name, value)

    def _target(self, arn: str) -> Topic:
        _check_arn("TopicArn", arn)
        if arn.split(":")[3] != self.region_name:
            raise SNSInvalidParameter("Invalid parameter: TopicArn")
        if ":endpoint/" in arn:
            raise SNSInvalidParameter(
                "Invalid parameter: TargetArn Reason: the local cloud sends nothing to mobile devices"
            )
        topic = self.topics.get(arn)
        if topic is None:
            raise TopicNotFound
        return topic


def _check_arn(parameter: str, arn: str) -> None:
    elements = len(arn.split(":"))
    if elements < 6:
        raise SNSInvalidParameter(
            f"Invalid parameter: {parameter} Reason: An ARN must have at least 6 elements, not {elements}"
        )


def _check_structure(message: str) -> None:
    try:
        parts = json.loads(message)
    except ValueError:
        raise SNSInvalidParameter(
            "Invalid parameter: Message Structure - JSON message body failed to parse"
        ) from None
    if not isinstance(parts, dict) or "default" not in parts:
        raise SNSInvalidParameter(
            "Invalid parameter: Message Structure - No default entry in JSON message body"
        )


def _check_json(name: str, value: str) -> None:
    try:
        policy = json.loads(value)
    except ValueError as error:
        raise SNSInvalidParameter(f"Invalid parameter: {name}: failed to parse JSON. {error}") from None
    if name == "RedrivePolicy" and str(policy.get("deadLetterTargetArn")).count(":") != 5:
        raise SNSInvalidParameter("Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn")


def _is_here(endpoint: str) -> bool:
    """Whether an address is one of this machine: nothing that is published leaves it."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
