"""Exclude patterns, by the examples of AWS's guide."""

from __future__ import annotations

import pytest

from millpond.glue.crawlers.exclusions import compile_pattern
from millpond.glue.exceptions import InvalidInput

_KEYS = (
    "departments/finance.json",
    "departments/market-us.json",
    "departments/market-emea.json",
    "employees/hr.json",
    "employees/john.csv",
    "employees/juan.txt",
)


@pytest.mark.parametrize(
    ("pattern", "excluded"),
    [
        ("departments/**", _KEYS[:3]),
        ("departments/market*", _KEYS[1:3]),
        ("**.csv", _KEYS[4:5]),
        ("employees/*.csv", _KEYS[4:5]),
        ("*.csv", ()),
        ("*/*.{csv,txt}", _KEYS[4:]),
        ("employees/j???.csv", _KEYS[4:5]),
        ("*/[!a-j]*", _KEYS[1:3]),
        ("*/[h-]*", _KEYS[3:4]),
    ],
)
def test_pattern_excludes_what_the_guide_says(pattern: str, excluded: tuple[str, ...]) -> None:
    assert tuple(key for key in _KEYS if compile_pattern(pattern).fullmatch(key)) == excluded


@pytest.mark.parametrize(("day", "excluded"), [("01", False), ("07", False), ("08", True), ("10", True)])
def test_first_week_is_what_the_guides_pattern_leaves(day: str, excluded: bool) -> None:
    found = compile_pattern("2015/01/{[!0],0[8-9]}**").fullmatch(f"2015/01/{day}/data.csv")
    assert (found is not None) == excluded


def test_backslash_takes_the_meaning_from_a_character() -> None:
    assert compile_pattern(r"a\*\{b\\").fullmatch("a*{b\\")


@pytest.mark.parametrize("pattern", ["{a,{b}}", "{a", "[a"])
def test_pattern_that_is_not_closed_or_nested_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="Invalid exclude pattern"):
        compile_pattern(pattern)
