"""EventBridge of one account and region: moto keeps the rules, here they are obeyed."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import moto.events.models
from moto.core.utils import unix_time
from moto.events.models import EventBus, EventsBackend, Rule

from millpond.events import rules
from millpond.events.entries import (
    EntryRefused,
    Event,
    check_custom,
    check_entries,
    event_of,
    new_event,
)
from millpond.events.exceptions import InputNotMade, InvalidParameter, NotFound, TooManyTargets
from millpond.events.inputs import RuleName, check_input, input_for
from millpond.events.rules import PatternRule, read_pattern
from millpond.events.runtime import EventsRuntime
from millpond.events.targets import Delivery, check_target
from millpond.schedules import InvalidScheduleExpression, parse

_log = logging.getLogger(__name__)

_PRINCIPAL = "events.amazonaws.com"
_MOST_TARGETS = 5
_IN_EVERY_EVENT = {"id", "account", "source", "time", "region", "detail-type"}
_ARCHIVE_RULE = "Events-Archive-"


class EventBridgeService(EventsBackend):
    """EventBridge, with rules that deliver; `runtime` is set when the service is installed."""

    runtime: ClassVar[EventsRuntime]

    @property
    def _url_module(self) -> Any:
        from millpond.events import urls

        return urls

    def put_rule(self, name: str, *arguments: Any, **given: Any) -> PatternRule:
        """PutRule.

        Raises:
            InvalidEventPatternRefused: The pattern is not valid.
            InvalidParameter: The schedule expression is not valid.
        """
        if expression := given.get("scheduled_expression"):
            if expression.startswith("at("):
                raise InvalidParameter("Parameter ScheduleExpression is not valid.")
            try:
                parse(expression, anchor=datetime.now(UTC))
            except InvalidScheduleExpression as error:
                _log.info("Refused a rule's schedule: %s", error)
                raise InvalidParameter("Parameter ScheduleExpression is not valid.") from None
        if pattern := given.get("event_pattern"):
            read_pattern(pattern)
        rule = _obeyed(super().put_rule(name, *arguments, **given))
        self._keep_schedule(rule)
        return rule

    def delete_rule(self, name: str, event_bus_arn: str | None) -> None:
        """DeleteRule."""
        super().delete_rule(name, event_bus_arn)
        self.runtime.clock.cancel(self._clock_name(name))

    def enable_rule(self, name: str, event_bus_arn: str | None) -> bool:
        """EnableRule: a rate counts from now."""
        enabled: bool = super().enable_rule(name, event_bus_arn)
        self._keep_schedule(_obeyed(self.describe_rule(name, event_bus_arn)))
        return enabled

    def disable_rule(self, name: str, event_bus_arn: str | None) -> bool:
        """DisableRule."""
        disabled: bool = super().disable_rule(name, event_bus_arn)
        self._keep_schedule(_obeyed(self.describe_rule(name, event_bus_arn)))
        return disabled

    def put_targets(self, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
        """PutTargets.

        Raises:
            UnsupportedTarget: One of them is nothing that the local cloud delivers to.
            InvalidParameter: The input of one of them is not valid, or it needs a role.
            TooManyTargets: The rule would have more than five.
            NotFound: There is no such rule.
        """
        rule = _obeyed(self.describe_rule(name, event_bus_arn))
        if not rule.archives:
            for target in targets:
                check_target(target)
                check_input(target)
        if len({target["Id"] for target in [*rule.targets, *targets]}) > _MOST_TARGETS:
            raise TooManyTargets
        super().put_targets(name, event_bus_arn, targets)

    def describe_rule(self, name: str, event_bus_arn: str | None) -> Rule:
        """DescribeRule.

        Raises:
            NotFound: There is no such rule.
        """
        bus = self._get_event_bus(self._normalize_event_bus_arn(event_bus_arn))
        if name not in bus.rules:
            raise NotFound.rule(name, bus.name)
        return bus.rules[name]

    def remove_permission(
        self, event_bus_name: str | None, statement_id: str, remove_all_permissions: bool
    ) -> None:
        """RemovePermission.

        Raises:
            NotFound: There is no such statement, or no such bus.
        """
        bus = self.describe_event_bus(event_bus_name or "default")
        if not remove_all_permissions and not bus.has_permissions():
            raise NotFound("Statement with the provided id does not exist.")
        super().remove_permission(event_bus_name, statement_id, remove_all_permissions)

    def list_tags_for_resource(self, arn: str) -> dict[str, list[dict[str, str]]]:
        """ListTagsForResource; raises NotFound."""
        self._check_taggable(arn)
        return super().list_tags_for_resource(arn)

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """TagResource; raises NotFound."""
        self._check_taggable(arn)
        super().tag_resource(arn, tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """UntagResource; raises NotFound."""
        self._check_taggable(arn)
        super().untag_resource(arn, tag_keys)

    def put_custom_events(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """PutEvents as callers of the API may: all but events in AWS's own name.

        Raises:
            InvalidParameter: The entries are too long.
        """
        check_entries(entries)
        return [self._put_event(entry, custom=True) for entry in entries]

    def put_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Events from services: each goes to the targets of all rules of its bus that want it.

        Raises:
            InvalidParameter: The entries are too long.
        """
        check_entries(events)
        return [self._put_event(entry) for entry in events]

    def publish(self, bus_name: str, event: Event, only_rules: Collection[str] = ()) -> None:
        """Have an event delivered to the targets of a bus's rules.

        Args:
            bus_name: The bus; one that is not there wants nothing.
            event: As its targets see it.
            only_rules: The ARNs of the rules that may have it; without any, all may.
        """
        bus = self.event_buses.get(bus_name)
        for rule in map(_obeyed, list(bus.rules.values()) if bus else ()):
            if (not only_rules or rule.arn in only_rules) and rule.wants(event):
                self._deliver(rule, event)

    def test_pattern(self, pattern: str, event: str) -> bool:
        """TestEventPattern.

        Raises:
            InvalidEventPatternRefused: The pattern is not valid.
            InvalidParameter: The event is no JSON object, or lacks what every event has.
        """
        try:
            document = json.loads(event)
        except ValueError:
            document = None
        if not isinstance(document, dict) or not document.keys() >= _IN_EVERY_EVENT:
            raise InvalidParameter("Parameter Event is not valid.")
        return read_pattern(pattern).matches(document)

    def update_event_bus(self, name: str, changes: dict[str, Any]) -> EventBus:
        """UpdateEventBus: what is given is set, the rest stays.

        Raises:
            ResourceNotFoundException: There is no such bus.
        """
        bus: EventBus = self.describe_event_bus(name)
        for parameter, attribute in _CHANGEABLE.items():
            if parameter in changes:
                setattr(bus, attribute, changes[parameter] or None)
        bus.last_modified_time = unix_time()
        return bus

    def _check_taggable(self, arn: str) -> None:
        kind, _, name = arn.rpartition(":")[2].partition("/")
        if kind == "event-bus":
            self._get_event_bus(name)
        elif kind == "rule":
            bus_name, _, rule_name = name.rpartition("/")
            self.describe_rule(rule_name, bus_name or None)

    def _put_event(self, entry: Mapping[str, Any], *, custom: bool = False) -> dict[str, Any]:
        try:
            if custom:
                check_custom(entry)
            event = event_of(entry, self.account_id, self.region_name)
        except EntryRefused as error:
            return error.answer
        bus = str(entry.get("EventBusName") or "default").rpartition("/")[2]
        self.publish(bus, event)
        return {"EventId": event["id"]}

    def _deliver(self, rule: PatternRule, event: Event) -> None:
        if rule.archives:
            self.archives[rule.name.removeprefix(_ARCHIVE_RULE)].events.append(cast(Any, event))
            return
        described = RuleName(rule.arn, rule.name)
        for target in list(rule.targets):
            try:
                body = input_for(target, event, described)
            except InputNotMade as error:
                _log.warning("%s, target %s: %s", rule.arn, target["Id"], error)
                continue
            self.runtime.outbox.send(Delivery(target, body, event, rule.arn, _PRINCIPAL))

    def _keep_schedule(self, rule: PatternRule) -> None:
        """Let the clock know of a rule's schedule, as it is now."""
        name = self._clock_name(rule.name)
        if rule.scheduled_expression and rule.state != "DISABLED":
            schedule = parse(rule.scheduled_expression, anchor=self.runtime.clock.now())
            self.runtime.clock.set(name, schedule, lambda moment: self._fire(rule, moment))
        else:
            self.runtime.clock.cancel(name)

    def _fire(self, rule: PatternRule, moment: datetime) -> None:
        event = new_event(
            self.account_id, self.region_name, "aws.events", "Scheduled Event", {}, [rule.arn], moment
        )
        self._deliver(rule, event)

    def _clock_name(self, rule_name: str) -> tuple[str, ...]:
        return "rule", self.account_id, self.region_name, rule_name


def _obeyed(rule: Rule) -> PatternRule:
    assert isinstance(rule, PatternRule)  # noqa: S101 - install() has moto make no others
    return rule


_CHANGEABLE = {
    "DeadLetterConfig": "dead_letter_config",
    "Description": "description",
    "KmsKeyIdentifier": "kms_key_identifier",
}


def install(runtime: EventsRuntime) -> None:
    """Put this service in the place of moto's; before the first request."""
    rules.install()
    EventBridgeService.runtime = runtime
    moto.events.models.events_backends.backend = EventBridgeService
