"""OVER (…): partitions, order and frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.exceptions import InvalidWindowFrame, NotSupported, TypeMismatch
from millpond.athena.sql.syntax import Position

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer

_BOUNDS = ("unbounded preceding", "preceding", "current row", "following", "unbounded following")


def over_clause(
    analyzer: ExpressionAnalyzer, window: syntax.WindowSpecification | str, position: Position
) -> str:
    """What stands between OVER's parentheses, in DuckDB's dialect."""
    specification = _resolve(analyzer, window, position)
    parts = []
    if specification.partition_by:
        keys = ", ".join(analyzer.analyze(item).sql for item in specification.partition_by)
        parts.append(f"PARTITION BY {keys}")
    if specification.order_by:
        items = []
        for item in specification.order_by:
            nulls = "FIRST" if item.nulls_first else "LAST"
            direction = "DESC" if item.descending else "ASC"
            items.append(f"{analyzer.analyze(item.expression).sql} {direction} NULLS {nulls}")
        parts.append(f"ORDER BY {', '.join(items)}")
    if specification.frame is not None:
        parts.append(_frame(analyzer, specification.frame))
    return " ".join(parts)


def _resolve(
    analyzer: ExpressionAnalyzer, window: syntax.WindowSpecification | str, position: Position
) -> syntax.WindowSpecification:
    """A specification with the named window that it builds on filled in."""
    name = window if isinstance(window, str) else window.base
    if name is None:
        assert isinstance(window, syntax.WindowSpecification)  # noqa: S101 - a name is never None
        return window
    named = (analyzer.windows or {}).get(name)
    if named is None:
        raise InvalidWindowFrame.at(position, f"Cannot resolve WINDOW name {name}")
    base = _resolve(analyzer, named, position)
    if isinstance(window, str):
        return base
    if window.partition_by or (window.order_by and base.order_by):
        raise NotSupported.at(
            position, "A window that overrides the window it builds on is not supported here"
        )
    return syntax.WindowSpecification(
        position, None, base.partition_by, window.order_by or base.order_by, window.frame or base.frame
    )


def _frame(analyzer: ExpressionAnalyzer, frame: syntax.Frame) -> str:
    end = frame.end or syntax.FrameBound(frame.position, "current row", None)
    start_rank, end_rank = _BOUNDS.index(frame.start.kind), _BOUNDS.index(end.kind)
    if (
        start_rank > end_rank
        or frame.start.kind == "unbounded following"
        or end.kind == "unbounded preceding"
    ):
        raise InvalidWindowFrame.at(
            frame.position,
            f"Window frame starting from {frame.start.kind.upper()} cannot end with {end.kind.upper()}",
        )
    return f"{frame.unit} BETWEEN {_bound(analyzer, frame, frame.start)} AND {_bound(analyzer, frame, end)}"


def _bound(analyzer: ExpressionAnalyzer, frame: syntax.Frame, bound: syntax.FrameBound) -> str:
    if bound.value is None:
        return bound.kind.upper()
    value = analyzer.analyze(bound.value)
    if frame.unit != "RANGE" and value.type.name not in ("tinyint", "smallint", "integer", "bigint"):
        raise TypeMismatch.at(
            bound.position,
            f"Window frame {frame.unit} value type must be exact numeric type with scale 0 "
            f"(actual {value.type.trino})",
        )
    return f"{value.sql} {bound.kind.upper()}"
