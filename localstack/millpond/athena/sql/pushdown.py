"""Which conditions a scan may use to leave out files: those on its columns alone."""

from __future__ import annotations

from millpond.athena.sql import syntax
from millpond.athena.sql.exceptions import SqlError
from millpond.athena.sql.expressions import ExpressionAnalyzer
from millpond.athena.sql.scope import Field, Scan, Scope
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.value import Value


def push_filters(analyzer: ExpressionAnalyzer, condition: syntax.Expression) -> None:
    """Give each scan the conjuncts of a condition that only it needs, written over its bare columns."""
    if isinstance(condition, syntax.Logical) and condition.operator == "AND":
        for term in condition.terms:
            push_filters(analyzer, term)
        return
    if syntax.contains(condition, (syntax.Query, syntax.Lambda)):
        return
    tracker = _FilterScope(analyzer.scope)
    try:
        value = ExpressionAnalyzer(analyzer.context, tracker.scope).analyze(condition)
    except SqlError:
        # A name of the query around, which the scan does not have.
        return
    if len(tracker.scans) == 1 and not tracker.others:
        tracker.scans[0].filters.append(value.sql)


class _FilterScope:
    """A scope that writes fields of scans as bare columns and notes which scans they come from."""

    def __init__(self, scope: Scope) -> None:
        self.scans: list[Scan] = []
        self.others = False
        self.scope = Scope(scope.fields, None, self._bare)

    def _bare(self, field: Field, _: Position) -> Value:
        if field.scan is None or field.optional or field.sql.rpartition(".")[0] != field.scan.alias:
            self.others = True
        elif field.scan not in self.scans:
            self.scans.append(field.scan)
        return Value(field.sql.partition(".")[2], field.type, zone=field.zone)
