"""Trino's grammar of queries: WITH, set operations, SELECT, FROM."""

from __future__ import annotations

from dataclasses import replace

from millpond.athena.sql import syntax
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.expression_grammar import ExpressionGrammar
from millpond.athena.sql.syntax import Expression, Identifier, Query, QueryBody, Relation

_QUERY_STARTS = ("SELECT", "WITH", "VALUES", "TABLE")
_JOIN_WORDS = {"JOIN": "inner", "INNER": "inner", "LEFT": "left", "RIGHT": "right", "FULL": "full"}
_NOT_AN_ALIAS = {"LIMIT", "OFFSET", "FETCH", "WINDOW", "TABLESAMPLE", "MATCH_RECOGNIZE"}


class QueryGrammar(ExpressionGrammar):
    """The rules for queries and relations."""

    def query(self) -> Query:
        """A query, from WITH to LIMIT."""
        position = self.position
        with_queries: tuple[syntax.WithQuery, ...] = ()
        recursive = False
        if self.token.upper == "WITH":
            self.advance()
            recursive = self.take("RECURSIVE")
            with_queries = self.comma_list(self._with_query)
        query = self._query_without_with()
        return replace(query, position=position, with_queries=with_queries, recursive=recursive)

    def _with_query(self) -> syntax.WithQuery:
        position = self.position
        name = self.identifier()
        columns = self.in_parentheses(self.identifier) if self.at("(") else None
        self.expect("AS")
        self.expect("(")
        query = self.query()
        self.expect(")")
        return syntax.WithQuery(position, name, columns, query)

    def _query_without_with(self) -> Query:
        position = self.position
        body = self._term()
        order_by = self.comma_list(self.sort_item) if self.take("ORDER", "BY") else ()
        offset = limit = None
        with_ties = False
        if self.take("OFFSET"):
            offset = self._row_count()
            self.take_any("ROW", "ROWS")
        if self.take("LIMIT"):
            limit = None if self.take("ALL") else self._row_count()
        elif self.take("FETCH"):
            self.expect_any("FIRST", "NEXT")
            one = syntax.Literal(self.position, "integer", "1")
            limit = one if self.at_any("ROW", "ROWS") else self._row_count()
            self.expect_any("ROW", "ROWS")
            if self.take("WITH"):
                self.expect("TIES")
                with_ties = True
            else:
                self.expect("ONLY")
        return Query(position, body, order_by=order_by, offset=offset, limit=limit, with_ties=with_ties)

    def _row_count(self) -> Expression:
        position = self.position
        if self.take("?"):
            self.parameter_count += 1
            return syntax.Parameter(position, self.parameter_count - 1)
        return syntax.Literal(position, "integer", str(self.integer()))

    def _term(self) -> QueryBody:
        left = self._intersection()
        while True:
            position = self.position
            operator = self.take_any("UNION", "EXCEPT")
            if operator is None:
                return left
            distinct = self.take_any("ALL", "DISTINCT") != "ALL"
            left = syntax.SetOperation(position, operator, distinct, left, self._intersection())

    def _intersection(self) -> QueryBody:
        left = self._query_primary()
        while True:
            position = self.position
            if not self.take("INTERSECT"):
                return left
            distinct = self.take_any("ALL", "DISTINCT") != "ALL"
            left = syntax.SetOperation(position, "INTERSECT", distinct, left, self._query_primary())

    def _query_primary(self) -> QueryBody:
        token = self.token
        if token.upper == "SELECT":
            return self._select()
        if token.upper == "VALUES":
            self.advance()
            return syntax.Values(token.position, self.comma_list(self.expression))
        if token.upper == "TABLE":
            self.advance()
            position = self.position
            return syntax.TableQuery(token.position, syntax.Table(position, self.qualified_name()))
        if token.upper == "(":
            self.advance()
            query = self.query()
            self.expect(")")
            return query
        raise self.mismatch("<query>")

    def _select(self) -> syntax.Select:
        position = self.advance().position
        distinct = self.take_any("ALL", "DISTINCT") == "DISTINCT"
        items = self.comma_list(self._select_item)
        relation = None
        if self.take("FROM"):
            relation = self.relation()
            while True:
                comma = self.position
                if not self.take(","):
                    break
                relation = syntax.Join(comma, "cross", relation, self.relation())
        where = self.expression() if self.take("WHERE") else None
        group_by, group_distinct = None, False
        if self.take("GROUP", "BY"):
            group_distinct = self.take_any("ALL", "DISTINCT") == "DISTINCT"
            group_by = self.comma_list(self._grouping_element)
        having = self.expression() if self.take("HAVING") else None
        windows = self.comma_list(self._window_definition) if self.take("WINDOW") else ()
        return syntax.Select(
            position, items, distinct, relation, where, group_by, group_distinct, having, windows
        )

    def _select_item(self) -> syntax.SelectItem | syntax.AllColumns:
        position = self.position
        if self.token.upper == "*":
            self.advance()
            return syntax.AllColumns(position, None)
        expression = self._star_qualifier()
        if expression is None:
            expression = self.expression()
        if self.token.upper == "." and self.peek(1).upper == "*":
            self.expect(".")
            self.expect("*")
            aliases = self.in_parentheses(self.identifier) if self.take("AS") else ()
            return syntax.AllColumns(position, expression, aliases)
        return syntax.SelectItem(position, expression, self._alias())

    def _star_qualifier(self) -> Expression | None:
        """The `a.b` of `a.b.*`, if that is what follows."""
        distance = 0
        while self._is_name(self.peek(distance)) and self.peek(distance + 1).upper == ".":
            distance += 2
            if self.peek(distance).upper == "*":
                position = self.position
                target: Expression = self.identifier()
                while self.peek(1).upper != "*":
                    self.expect(".")
                    target = syntax.Dereference(position, target, self.identifier())
                return target
        return None

    def _alias(self) -> Identifier | None:
        if self.take("AS"):
            return self.identifier()
        if self.token.kind == "backquoted":
            return self.identifier()
        if self._is_name(self.token) and self.token.upper not in _NOT_AN_ALIAS:
            return self.identifier()
        return None

    def _window_definition(self) -> tuple[Identifier, syntax.WindowSpecification]:
        name = self.identifier()
        self.expect("AS")
        return name, self.window_specification()

    def _grouping_element(self) -> syntax.GroupingElement:
        position = self.position
        kind = self.token.upper
        if kind in ("ROLLUP", "CUBE"):
            self.advance()
            return syntax.GroupingElement(position, kind.lower(), self.in_parentheses(self._grouping_set))
        if kind == "GROUPING" and self.peek().upper == "SETS":
            self.advance()
            self.advance()
            return syntax.GroupingElement(position, "sets", self.in_parentheses(self._grouping_set))
        return syntax.GroupingElement(position, "simple", (self._grouping_set(),))

    def _grouping_set(self) -> tuple[Expression, ...]:
        if self.token.upper == "(" and self.peek().upper == ")":
            self.advance()
            self.advance()
            return ()
        expression = self.expression()
        return expression.items if isinstance(expression, syntax.RowConstructor) else (expression,)

    # ---- relations

    def relation(self) -> Relation:
        """A relation with its joins."""
        left = self._sampled()
        while True:
            position = self.position
            if self.take("CROSS"):
                self.expect("JOIN")
                left = syntax.Join(position, "cross", left, self._sampled())
                continue
            if self.take("NATURAL"):
                raise self.error("Natural join not supported", position)
            word = self.take_any(*_JOIN_WORDS)
            if word is None:
                return left
            if word != "JOIN":
                if word != "INNER":
                    self.take("OUTER")
                self.expect("JOIN")
            left = self._joined(position, _JOIN_WORDS[word], left)

    def _joined(self, position: syntax.Position, kind: str, left: Relation) -> Relation:
        """The right side and the condition; a right side may have joins of its own before its ON."""
        right = self.relation()
        if self.take("ON"):
            return syntax.Join(position, kind, left, right, on=self.expression())
        self.expect("USING")
        return syntax.Join(position, kind, left, right, using=self.in_parentheses(self.identifier))

    def _sampled(self) -> Relation:
        relation = self.aliased_relation()
        position = self.position
        if self.token.upper == "MATCH_RECOGNIZE":
            raise NotSupported.at(position, "MATCH_RECOGNIZE is not supported here")
        if not self.take("TABLESAMPLE"):
            return relation
        method = self.expect_any("BERNOULLI", "SYSTEM")
        self.expect("(")
        percentage = self.expression()
        self.expect(")")
        return syntax.Sampled(position, relation, method, percentage)

    def aliased_relation(self) -> Relation:
        """A table, subquery, UNNEST, … with its alias."""
        relation = self._relation_primary()
        position = self.position
        alias = self._alias()
        if alias is None:
            return relation
        columns = self.in_parentheses(self.identifier) if self.at("(") else None
        return syntax.Aliased(position, relation, alias, columns)

    def _relation_primary(self) -> Relation:
        token = self.token
        following = self.peek().upper
        if token.upper == "(":
            return self._parenthesized_relation()
        if token.upper == "UNNEST":
            self.advance()
            expressions = self.in_parentheses(self.expression)
            return syntax.Unnest(token.position, expressions, self.take("WITH", "ORDINALITY"))
        if token.upper == "LATERAL" and following == "(":
            self.advance()
            return syntax.Lateral(token.position, self.subquery())
        if token.upper == "TABLE" and following == "(":
            self.advance()
            return self._table_function()
        position = self.position
        parts = self.qualified_name()
        if self.token.upper == "FOR":
            self.advance()
            kind = self.expect_any("TIMESTAMP", "VERSION", "SYSTEM_TIME", "SYSTEM_VERSION")
            self.expect("AS", "OF")
            kind = {"SYSTEM_TIME": "timestamp", "SYSTEM_VERSION": "version"}.get(kind, kind.lower())
            return syntax.Table(position, parts, kind, self.value())
        return syntax.Table(position, parts)

    def _parenthesized_relation(self) -> Relation:
        position = self.position
        distance = 1
        while self.peek(distance).upper == "(":
            distance += 1
        if self.peek(distance).upper in _QUERY_STARTS:
            query = self.subquery() if distance == 1 else self.attempt(self.subquery)
            if query is not None:
                return syntax.SubqueryRelation(position, query)
        self.expect("(")
        relation = self.relation()
        self.expect(")")
        return relation

    def _table_function(self) -> Relation:
        self.expect("(")
        position = self.position
        name = ".".join(self.qualified_name()).lower()
        self.expect("(")
        arguments: tuple[tuple[str | None, Expression], ...] = ()
        if self.token.upper != ")":
            arguments = self.comma_list(self._table_argument)
        self.expect(")")
        self.expect(")")
        return syntax.TableFunction(position, name, arguments)

    def _table_argument(self) -> tuple[str | None, Expression]:
        if self.peek().upper == "=>":
            name = self.identifier().lower
            self.advance()
            return name, self.expression()
        return None, self.expression()
