"""The evaluator against the cases of AWS's documentation."""

from __future__ import annotations

import pytest

from iam.evaluation.case_tables import Case, all_cases, outcome_of
from millpond.iam.evaluation import evaluate

CASES = list(all_cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_documented_decision(case: Case) -> None:
    assert outcome_of(evaluate(case.request, case.policies)) == case.expected, case.page


def test_there_are_as_many_cases_as_were_promised() -> None:
    assert len(CASES) >= 300


def test_every_case_names_its_page() -> None:
    assert all(case.page.startswith("https://docs.aws.amazon.com/") for case in CASES)
