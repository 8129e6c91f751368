"""The smallest role for dbt-athena, as its page gives it, is the one that the project's own dbt runs as."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pulumi_program import ACCOUNT_ID, PROJECT, run_program

PAGE = PROJECT / "docs" / "roles" / "dbt-athena.md"
LAKE = "millpond-dev"
NAMES = {
    "ACCOUNT": ACCOUNT_ID,
    "REGION": "us-east-1",
    "WORKGROUP": f"{LAKE}-dbt",
    "SOURCES": "millpond_dev_raw",
    "SOURCE_BUCKET": f"{LAKE}-raw-{ACCOUNT_ID}",
    "TARGET": "millpond_dev_marts",
    "TARGET_BUCKET": f"{LAKE}-marts-{ACCOUNT_ID}",
    "RESULTS_BUCKET": f"{LAKE}-results-{ACCOUNT_ID}",
}
Rights = set[tuple[str, str, str]]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def rights(document: Mapping[str, Any]) -> Rights:
    """Each action on each resource, under which condition, however they are put into statements."""
    return {
        (action, resource, conditions(statement))
        for statement in document["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def conditions(statement: Mapping[str, Any]) -> str:
    return json.dumps(
        {
            operator: {key: listed(values) for key, values in keys.items()}
            for operator, keys in statement.get("Condition", {}).items()
        }
    )


def test_page_gives_what_dbt_runs_as_and_no_more() -> None:
    # Without an encrypted catalog, as on the page.
    config = {"aws:region": "us-east-1", "millpond:ownsAccount": "false"}
    program = run_program("dev", config)
    document = json.loads(program.one("aws:iam/rolePolicy:RolePolicy", "dbt-policy").inputs["policy"])
    found = re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    (key,) = {resource for action, resource, _ in rights(document) if action == "kms:Decrypt"}
    words = {**NAMES, "KEY": key}
    text = re.sub(rf"\b({'|'.join(sorted(words, key=len, reverse=True))})\b", lambda m: words[m[1]], found[1])
    assert rights(json.loads(text)) == rights(document)
