"""EventBridge of one account and region: moto keeps the rules, here they are obeyed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import moto.events.models
from moto.core.utils import unix_time
from moto.events.models import EventBus, EventsBackend, Rule

from millpond.events import rules
from millpond.events.entries import EntryRefused, Event, check_entries, event_of, new_event
from millpond.events.exceptions import InvalidParameter
from millpond.events.inputs import RuleName, check_input, input_for
from millpond.events.rules import PatternRule, read_pattern
from millpond.events.runtime import EventsRuntime
from millpond.events.targets import Delivery, check_target
from millpond.schedules import InvalidScheduleExpression, parse

_PRINCIPAL = "events.amazonaws.com"
_MOST_TARGETS = 5
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
                raise InvalidParameter(
                    f"Parameter ScheduleExpression is not valid. Reason: {error.reason}."
                ) from None
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
            ResourceNotFoundException: There is no such rule.
        """
        rule = _obeyed(self.describe_rule(name, event_bus_arn))
        if not rule.archives:
            for target in targets:
                check_target(target)
                check_input(target)
        if len({target["Id"] for target in [*rule.targets, *targets]}) > _MOST_TARGETS:
            raise InvalidParameter(
                f"The requested resource exceeds the maximum number allowed: {_MOST_TARGETS} targets a rule."
            )
        super().put_targets(name, event_bus_arn, targets)

    def put_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """PutEvents: each entry goes to the targets of all rules of its bus that want it.

        Raises:
            InvalidParameter: There are too many entries, or they are too long.
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
            InvalidParameter: The event is no JSON object.
        """
        try:
            document = json.loads(event)
        except ValueError:
            document = None
        if not isinstance(document, dict):
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

    def _put_event(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        try:
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
            body = input_for(target, event, described)
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
