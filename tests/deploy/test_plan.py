"""The plan, without a cloud."""

from __future__ import annotations

from typing import Any

import pytest

from millpond.deploy.plan import (
    Action,
    TypeRules,
    deletes_first,
    dependents,
    ignoring,
    plan_deletions,
    plan_registration,
)
from millpond.deploy.resource import Options, Registration, ResourceState, Urn
from millpond.deploy.values import UNKNOWN, Blob

URN = "urn:pulumi:test::shop::aws:s3/bucket:Bucket::raw"
TYPE = "aws:s3/bucket:Bucket"
RULES = TypeRules(frozenset({"bucket", "lock.mode"}), "bucket")


def registration(**options: Any) -> Registration:
    return Registration(URN, TYPE, "raw", "", custom=True, inputs={}, options=Options(**options))


def state(inputs: dict[str, Any], **fields: Any) -> ResourceState:
    return ResourceState(URN, TYPE, "raw", "", custom=True, id="raw", inputs=inputs, **fields)


def action(old: ResourceState | None, inputs: dict[str, Any], **options: Any) -> Action:
    return plan_registration(registration(**options), inputs, old, RULES).action


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"bucket": "a"}, {"bucket": "a"}, Action.SAME),
        ({"bucket": "a"}, {"bucket": "b"}, Action.REPLACE),
        ({"tags": {"a": "1"}}, {"tags": {"a": "2"}}, Action.UPDATE),
        ({"tags": {"a": "1"}}, {}, Action.UPDATE),
        ({"lock": {"mode": "x", "days": 1}}, {"lock": {"mode": "x", "days": 2}}, Action.UPDATE),
        ({"lock": {"mode": "x"}}, {"lock": {"mode": "y"}}, Action.REPLACE),
        ({"lock": {"mode": "x"}}, {}, Action.REPLACE),
        ({"policy": '{"a": 1, "b": 2}'}, {"policy": '{"b":2,"a":1}'}, Action.SAME),
        ({"policy": '{"a": 1}'}, {"policy": '{"a": 2}'}, Action.UPDATE),
        ({"arn": "x"}, {"arn": UNKNOWN}, Action.UPDATE),
        ({"bucket": "a"}, {"bucket": UNKNOWN}, Action.REPLACE),
        ({"code": Blob("archive", "1")}, {"code": Blob("archive", "1", b"")}, Action.SAME),
        ({"code": Blob("archive", "1")}, {"code": Blob("archive", "2", b"")}, Action.UPDATE),
        ({"on": True}, {"on": 1}, Action.UPDATE),
    ],
)
def test_action_follows_from_what_changed(
    before: dict[str, Any], after: dict[str, Any], expected: Action
) -> None:
    assert action(state(before), after) is expected


def test_new_resource_is_created_or_imported() -> None:
    assert action(None, {}) is Action.CREATE
    assert action(None, {}, import_id="raw") is Action.IMPORT


def test_resource_that_is_gone_is_created() -> None:
    assert action(state({"bucket": "a"}, gone=True), {"bucket": "a"}) is Action.CREATE


def test_interrupted_update_is_done_again() -> None:
    assert action(state({"bucket": "a"}, unsettled=True), {"bucket": "a"}) is Action.UPDATE


def test_replace_on_changes_makes_any_property_replace() -> None:
    assert action(state({"tags": {}}), {"tags": {"a": "1"}}, replace_on_changes=("tags",)) is Action.REPLACE


def test_shared_name_deletes_first_unless_told_otherwise() -> None:
    old, new = state({"bucket": "a"}), {"bucket": "a"}
    assert deletes_first(registration(), new, old, RULES)
    assert not deletes_first(registration(), {"bucket": "b"}, old, RULES)
    assert not deletes_first(registration(delete_before_replace=False), new, old, RULES)
    assert deletes_first(registration(delete_before_replace=True), {"bucket": "b"}, old, RULES)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tags", {"tags": {"a": "1"}, "size": 2}),
        ("tags.a", {"tags": {"a": "1", "b": "2"}, "size": 2}),
        ("*", {"tags": {"a": "1"}, "size": 1}),
        ("other", {"tags": {"a": "2", "b": "2"}, "size": 2}),
    ],
)
def test_ignored_paths_keep_their_old_values(path: str, expected: dict[str, Any]) -> None:
    old = state({"tags": {"a": "1"}, "size": 1})
    assert ignoring({"tags": {"a": "2", "b": "2"}, "size": 2}, old, [path]) == expected


def test_only_what_the_program_left_out_is_deleted() -> None:
    resources = {name: ResourceState(name, TYPE, name, "", custom=True) for name in ("a", "b", "c")}
    assert [step.urn for step in plan_deletions(resources, {"b"})] == ["c", "a"]


def test_dependents_are_those_that_the_replacement_replaces() -> None:
    part = ResourceState(
        "part", TYPE, "part", "", custom=True, property_dependencies={"bucket": frozenset({"base"})}
    )
    user = ResourceState(
        "user", TYPE, "user", "", custom=True, property_dependencies={"tags": frozenset({"base"})}
    )
    below = ResourceState(
        "below", TYPE, "below", "", custom=True, property_dependencies={"bucket": frozenset({"part"})}
    )
    assert dependents([part, user, below], "base", {TYPE: RULES}) == [below, part]


def test_name_of_a_child_carries_its_parents_types_but_not_the_stack() -> None:
    top = Urn.of(
        "dev", "shop", "lake:index:Zone", "raw", "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
    )
    child = Urn.of("dev", "shop", TYPE, "raw", str(top))
    assert str(child) == "urn:pulumi:dev::shop::lake:index:Zone$aws:s3/bucket:Bucket::raw"
    assert Urn.parse(str(child)).type == TYPE
