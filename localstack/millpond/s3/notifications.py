"""Event notifications: what S3 says about an object, and to whom.

moto calls functions from within a put and hides every failure. Here a put never waits for
anybody: queues and functions take the event at once and work on it later, topics and event
buses get it from a thread of their own, and what cannot be delivered stands in the log.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import datetime
import json
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote_plus

import flask
import moto.s3.notifications
from moto.events.models import events_backends
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, Notification, NotificationConfiguration
from moto.s3.notifications import S3NotificationEvent

from millpond.delivery import DeliveryError, deliver
from millpond.iam.enforcement import Actor, service_actor

_log = logging.getLogger(__name__)

_EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"


@dataclass(frozen=True)
class ObjectEvent:
    """Something that happened to an object.

    Attributes:
        name: As in a configuration, `s3:ObjectCreated:Put`.
        size: In bytes; None for an object that is gone.
        etag: Without quotes; None for an object that is gone.
        version_id: None in a bucket without versions.
        sequencer: Hexadecimal; of two events of one key the later one has the greater.
    """

    name: str
    account_id: str
    region: str
    bucket: str
    key: str
    size: int | None
    etag: str | None
    version_id: str | None
    sequencer: str
    time: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex[:16].upper())

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:aws:s3:::{self.bucket}"


@dataclass(frozen=True)
class AbsentKey:
    """A key that has no object, and was deleted all the same: S3 tells of that, too."""

    name: str
    version_id: None = None


def record(event: ObjectEvent, configuration_id: str) -> dict[str, Any]:
    """The event as queues, topics and functions get it."""
    of_content = _kind(event) in _OF_CONTENT
    described = {
        "key": quote_plus(event.key, safe="/*"),
        "size": event.size if of_content else None,
        "eTag": event.etag,
        "versionId": event.version_id,
        "sequencer": event.sequencer if of_content else None,
    }
    return {
        "eventVersion": "2.1" if of_content else "2.3",
        "eventSource": "aws:s3",
        "awsRegion": event.region,
        "eventTime": _iso(event.time),
        "eventName": event.name.removeprefix("s3:"),
        "userIdentity": {"principalId": f"AWS:{event.account_id}"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": event.request_id,
            "x-amz-id-2": f"{event.request_id}/{event.sequencer}",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": event.bucket,
                "ownerIdentity": {"principalId": event.account_id},
                "arn": event.bucket_arn,
            },
            "object": {name: value for name, value in described.items() if value is not None},
        },
    }


def bus_entry(event: ObjectEvent) -> dict[str, Any]:
    """The event as EventBridge gets it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    kind, _, reason = event.name.removeprefix("s3:").partition(":")
    of_content = kind in _OF_CONTENT
    described = {
        "key": event.key,
        "size": event.size if of_content else None,
        "etag": event.etag,
        "version-id": event.version_id,
        "sequencer": event.sequencer if of_content else None,
    }
    detail = {
        "version": "0",
        "bucket": {"name": event.bucket},
        "object": {name: value for name, value in described.items() if value is not None},
        "request-id": event.request_id,
        "requester": event.account_id,
        "source-ip-address": "127.0.0.1",
    }
    if of_content:
        detail["reason"] = _REASONS.get(reason, reason)
    if kind == "ObjectRemoved":
        marker = reason == "DeleteMarkerCreated"
        detail["deletion-type"] = "Delete Marker Created" if marker else "Permanently Deleted"
    return {
        "Source": "aws.s3",
        "DetailType": _detail_type(event),
        "Detail": json.dumps(detail),
        "Resources": [event.bucket_arn],
        "Time": event.time.timestamp(),
    }


_REASONS = {
    "Put": "PutObject",
    "Copy": "CopyObject",
    "Post": "POST Object",
    "Delete": "DeleteObject",
    "DeleteMarkerCreated": "DeleteObject",
}
# Those that S3 itself causes here; others (restore, lifecycle) do not happen in the local cloud.
_DETAIL_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
    "ObjectAcl:Put": "Object ACL Updated",
}
# Other events are of what is said about an object, and leave out what they have not changed.
_OF_CONTENT = ("ObjectCreated", "ObjectRemoved")


def _detail_type(event: ObjectEvent) -> str | None:
    name = event.name.removeprefix("s3:")
    return _DETAIL_TYPES.get(name) or _DETAIL_TYPES.get(_kind(event))


class Notifier:
    """Sends the events of every bucket to those that its configuration names."""

    def __init__(self) -> None:
        self._sequence = _Sequence()
        self._later: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="s3-notifications", daemon=True).start()

    def send(
        self,
        account_id: str,
        event_name: S3NotificationEvent,
        bucket: FakeBucket,
        key: FakeKey | FakeDeleteMarker | AbsentKey | None,
    ) -> None:
        """Tell what happened to an object; what moto's S3 calls in the course of a request.

        The key is None when another request deleted it in between, which has told of it.
        """
        configuration: NotificationConfiguration | None = bucket.notification_configuration
        if configuration is None or key is None or _is_by_the_way(event_name):
            return
        _after_the_request(
            partial(self._send, self._event(account_id, event_name, bucket, key), configuration)
        )

    def _send(self, event: ObjectEvent, configuration: NotificationConfiguration) -> None:
        for rule in (*configuration.queue, *configuration.cloud_function):
            if rule.matches(event.name, event.key):
                _deliver(rule, event)
        for rule in configuration.topic:
            if rule.matches(event.name, event.key):
                self._later.put(partial(_deliver, rule, event))
        if configuration.event_bridge is not None and _detail_type(event):
            self._later.put(partial(_put_on_bus, event))

    def send_test(self, account_id: str, bucket: FakeBucket) -> None:
        """Tell every queue and topic of a new configuration that it is one."""
        configuration: NotificationConfiguration | None = bucket.notification_configuration
        if configuration is None:
            return
        body = json.dumps(
            {
                "Service": "Amazon S3",
                "Event": "s3:TestEvent",
                "Time": _iso(datetime.datetime.now(datetime.UTC)),
                "Bucket": bucket.name,
                "RequestId": uuid.uuid4().hex[:16].upper(),
                "HostId": uuid.uuid4().hex,
            }
        )
        for arn in {rule.arn for rule in (*configuration.queue, *configuration.topic)}:
            sender = notification_sender(bucket.name, account_id)
            _try(partial(deliver, arn, body, subject=_subject(arn), sender=sender))

    def _event(
        self,
        account_id: str,
        name: S3NotificationEvent,
        bucket: FakeBucket,
        key: FakeKey | FakeDeleteMarker | AbsentKey,
    ) -> ObjectEvent:
        gone = name is S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
        size: int | None = None
        etag: str | None = None
        if isinstance(key, FakeDeleteMarker):
            etag = None if gone else _EMPTY_ETAG
        elif not gone and not isinstance(key, AbsentKey):
            size, etag = key.size, key.etag.strip('"')
        return ObjectEvent(
            name=name.value,
            account_id=account_id,
            region=bucket.region_name,
            bucket=bucket.name,
            key=key.name,
            size=size,
            etag=etag,
            version_id=str(key.version_id) if bucket.is_versioned else None,
            sequencer=self._sequence.next(),
        )

    def _work(self) -> None:
        while True:
            _try(self._later.get())


class _Sequence:
    """Numbers that grow, over restarts, too."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:018X}"


# Tags and rights that moto sets in the course of a put, too; S3 tells of requests for them only.
_PARAMETERS = {
    S3NotificationEvent.OBJECT_TAGGING_PUT_EVENT: "tagging",
    S3NotificationEvent.OBJECT_ACL_UPDATE_EVENT: "acl",
}


def _is_by_the_way(event: S3NotificationEvent) -> bool:
    parameter = _PARAMETERS.get(event)
    return parameter is not None and flask.has_request_context() and parameter not in flask.request.args


def _after_the_request(act: Callable[[], None]) -> None:
    """Act when the request has been worked off: moto sets metadata and tags after it tells of the object."""
    if not flask.has_request_context():
        act()
        return

    def act_and_answer(response: flask.Response) -> flask.Response:
        act()
        return response

    flask.after_this_request(act_and_answer)


def notification_sender(bucket: str, account_id: str) -> Actor:
    """S3 as it sends a bucket's events: the destinations' policies must let it."""
    return service_actor("s3.amazonaws.com", f"arn:aws:s3:::{bucket}", account_id)


def _deliver(rule: Notification, event: ObjectEvent) -> None:
    body = json.dumps({"Records": [record(event, rule.id)]})
    sender = notification_sender(event.bucket, event.account_id)
    _try(partial(deliver, rule.arn, body, subject=_subject(rule.arn), sender=sender))


def _put_on_bus(event: ObjectEvent) -> None:
    events_backends[event.account_id][event.region].put_events([bus_entry(event)])


def _try(send: Callable[[], None]) -> None:
    try:
        send()
    except DeliveryError as error:
        _log.error("An S3 event could not be delivered: %s", error)
    except Exception:  # the put has succeeded whatever becomes of the news about it
        _log.exception("An S3 event could not be delivered")


def _subject(arn: str) -> str | None:
    return "Amazon S3 Notification" if ":sns:" in arn else None


def _kind(event: ObjectEvent) -> str:
    return event.name.removeprefix("s3:").partition(":")[0]


def _iso(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def install() -> None:
    """Put a notifier in the place of moto's functions."""
    notifier = Notifier()
    moto.s3.notifications.send_event = notifier.send
    moto.s3.notifications.send_test_event = notifier.send_test
