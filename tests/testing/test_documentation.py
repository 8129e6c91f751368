"""The examples of docs/testing.md, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PROJECT = Path(__file__).parents[2]
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", (PROJECT / "docs" / "testing.md").read_text(), re.M | re.S)
WHOLE = [example for example in EXAMPLES if "def test_" in example]


@pytest.mark.parametrize("example", WHOLE, ids=lambda text: re.search(r"def (test_\w+)", text)[1])
def test_example(pytester: pytest.Pytester, example: str) -> None:
    pytester.makepyfile(example)
    programs = "tests/testing/programs"
    (pytester.path / programs).parent.mkdir(parents=True)
    (pytester.path / programs).symlink_to(PROJECT / programs)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_first_example_has_ten_lines() -> None:
    lines = [line for line in EXAMPLES[0].splitlines() if line]
    assert len(lines) <= 10
