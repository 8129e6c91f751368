"""Trino's part of Athena's statements: everything that contains a query or an expression."""

from __future__ import annotations

from dataclasses import replace

from millpond.athena.sql import statements as st
from millpond.athena.sql.query_grammar import QueryGrammar

STATEMENT_STARTS = (
    "'ALTER'", "'ANALYZE'", "'CALL'", "'COMMENT'", "'COMMIT'", "'CREATE'", "'DEALLOCATE'", "'DELETE'",
    "'DENY'", "'DESC'", "'DESCRIBE'", "'DROP'", "'EXECUTE'", "'EXPLAIN'", "'GRANT'", "'INSERT'",
    "'MERGE'", "'PREPARE'", "'REFRESH'", "'RESET'", "'REVOKE'", "'ROLLBACK'", "'SET'", "'SHOW'",
    "'START'", "'TRUNCATE'", "'UPDATE'", "'USE'", "<query>",
)  # fmt: skip
"""What Trino says it expects at the beginning of a statement."""


class TrinoGrammar(QueryGrammar):
    """The rules for statements. Each takes the statement's first token, already read over."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "trino")

    def statement(self) -> st.Statement:
        """One whole statement, and nothing behind it."""
        statement = self._statement()
        self.end()
        return statement

    def _statement(self) -> st.Statement:
        start = self.token
        rule = _STATEMENTS.get(start.upper)
        if rule is not None:
            self.advance()
            parameters = self.parameter_count
            statement = rule(self)
            return replace(
                statement, text=self.slice_text(start), parameter_count=self.parameter_count - parameters
            )
        if start.upper in ("SELECT", "WITH", "VALUES", "TABLE", "("):
            return self._query_statement()
        raise self.mismatch(*STATEMENT_STARTS)

    def _query_statement(self) -> st.Query:
        start, parameters = self.token, self.parameter_count
        tree = self.query()
        return st.Query(tree, text=self.slice_text(start), parameter_count=self.parameter_count - parameters)

    def _name(self) -> st.QualifiedName:
        position = self.position
        parts = self.qualified_name()
        if len(parts) > 3:
            raise self.error(f"Too many dots in table name: {'.'.join(parts)}", position)
        return st.QualifiedName(parts, position.line, position.column)

    # ---- CREATE and DROP

    def _create(self) -> st.Statement:
        or_replace = self.take("OR", "REPLACE")
        if self.take("VIEW"):
            view = self._name()
            self.expect("AS")
            query = self._query_statement()
            return st.CreateView(view, or_replace, query)
        if or_replace:
            raise self.mismatch()
        self.expect("TABLE")
        if_not_exists = self.take("IF", "NOT", "EXISTS")
        table = self._name()
        aliases = None
        if self.at("("):
            aliases = tuple(name.lower for name in self.in_parentheses(self.identifier))
        comment = self.string() if self.take("COMMENT") else None
        properties = self._properties() if self.take("WITH") else {}
        self.expect("AS")
        query = self._query_statement()
        with_data = True
        if self.take("WITH"):
            with_data = not self.take("NO")
            self.expect("DATA")
        return st.CreateTableAsSelect(
            table, if_not_exists, properties, query,
            with_data, comment, aliases,
        )  # fmt: skip

    def _drop(self) -> st.Statement:
        self.expect("VIEW")
        if_exists = self.take("IF", "EXISTS")
        view = self._name()
        return st.DropView(view, if_exists)

    def _properties(self) -> dict[str, st.PropertyValue]:
        return dict(self.in_parentheses(self._property))

    def _property(self) -> tuple[str, st.PropertyValue]:
        name = self.string() if self.token.kind == "string" else self.identifier().value
        self.expect("=")
        return name.lower(), self._property_value()

    def _property_value(self) -> st.PropertyValue:
        token = self.token
        if token.kind == "string":
            return self.string()
        if token.upper in ("TRUE", "FALSE", "NULL"):
            self.advance()
            return {"TRUE": True, "FALSE": False, "NULL": None}[token.upper]
        if token.upper == "ARRAY":
            self.advance()
            self.expect("[")
            values: tuple[st.PropertyValue, ...] = ()
            if not self.take("]"):
                values = self.comma_list(self._property_value)
                self.expect("]")
            return values
        sign = -1 if self.take("-") else 1
        token = self.token
        if token.kind != "number":
            raise self.mismatch("<expression>")
        self.advance()
        return sign * (int(token.text) if token.text.isdigit() else float(token.text))

    # ---- changes of rows

    def _insert(self) -> st.Statement:
        self.expect("INTO")
        table = self._name()
        columns = None
        if self.at("(") and self.peek().upper not in ("SELECT", "WITH", "VALUES", "TABLE", "("):
            columns = tuple(name.lower for name in self.in_parentheses(self.identifier))
        query = self._query_statement()
        return st.InsertInto(table, columns, query)

    def _update(self) -> st.Statement:
        table = self._name()
        self.expect("SET")
        assignments = self.comma_list(self._assignment)
        where = self.expression() if self.take("WHERE") else None
        return st.Update(table, assignments, where)

    def _delete(self) -> st.Statement:
        self.expect("FROM")
        table = self._name()
        where = self.expression() if self.take("WHERE") else None
        return st.Delete(table, where)

    def _assignment(self) -> st.Assignment:
        name = self.identifier()
        self.expect("=")
        return st.Assignment(name.lower, self.expression(), name.position.line, name.position.column)

    def _merge(self) -> st.Statement:
        self.expect("INTO")
        table = self._name()
        alias = None
        if self.take("AS") or self.token.upper != "USING":
            alias = self.identifier().lower
        self.expect("USING")
        source = self.relation()
        self.expect("ON")
        condition = self.expression()
        cases = [self._merge_case()]
        while self.at("WHEN"):
            cases.append(self._merge_case())
        return st.Merge(table, alias, source, condition, tuple(cases))

    def _merge_case(self) -> st.MergeCase:
        position = self.expect("WHEN").position
        matched = not self.take("NOT")
        self.expect("MATCHED")
        condition = self.expression() if self.take("AND") else None
        self.expect("THEN")
        if not matched:
            self.expect("INSERT")
            columns = tuple(n.lower for n in self.in_parentheses(self.identifier)) if self.at("(") else None
            self.expect("VALUES")
            values = self.in_parentheses(self.expression)
            return st.MergeCase(
                matched,
                condition,
                "insert",
                columns=columns,
                values=values,
                line=position.line,
                column=position.column,
            )
        if self.take("DELETE"):
            return st.MergeCase(matched, condition, "delete", line=position.line, column=position.column)
        self.expect("UPDATE")
        self.expect("SET")
        return st.MergeCase(
            matched,
            condition,
            "update",
            self.comma_list(self._assignment),
            line=position.line,
            column=position.column,
        )

    # ---- the rest

    def _explain(self) -> st.Statement:
        analyze = self.take("ANALYZE")
        verbose = analyze and self.take("VERBOSE")
        options: dict[str, str] = {"verbose": "true"} if verbose else {}
        if self.at("(") and self.peek().upper in ("TYPE", "FORMAT"):
            options.update(self.in_parentheses(self._explain_option))
        statement = self._statement()
        return st.Explain(statement, analyze, options)

    def _explain_option(self) -> tuple[str, str]:
        name = self.expect_any("TYPE", "FORMAT").lower()
        return name, self.identifier().lower

    def _unload(self) -> st.Statement:
        self.expect("(")
        query = self._query_statement()
        self.expect(")")
        self.expect("TO")
        location = self.string()
        properties = self._properties() if self.take("WITH") else {}
        return st.Unload(query, location, properties)

    def _prepare(self) -> st.Statement:
        name = self.identifier().value
        self.expect("FROM")
        statement = self._statement()
        return st.Prepare(name, statement)

    def _execute(self) -> st.Statement:
        name = self.identifier().value
        parameters = self.comma_list(self._parameter_text) if self.take("USING") else ()
        return st.Execute(name, parameters)

    def _parameter_text(self) -> str:
        start = self.token
        self.expression()
        return self.slice_text(start)

    def _deallocate(self) -> st.Statement:
        self.expect("PREPARE")
        name = self.identifier().value
        return st.Deallocate(name)

    def _optimize(self) -> st.Statement:
        table = self._name()
        self.expect("REWRITE", "DATA", "USING", "BIN_PACK")
        where = self.expression() if self.take("WHERE") else None
        return st.Optimize(table, where)

    def _vacuum(self) -> st.Statement:
        table = self._name()
        return st.Vacuum(table)

    def _show_create_view(self) -> st.Statement:
        self.expect("CREATE", "VIEW")
        return st.ShowCreateView(self._name())


_STATEMENTS = {
    "CREATE": TrinoGrammar._create,
    "DROP": TrinoGrammar._drop,
    "INSERT": TrinoGrammar._insert,
    "UPDATE": TrinoGrammar._update,
    "DELETE": TrinoGrammar._delete,
    "MERGE": TrinoGrammar._merge,
    "EXPLAIN": TrinoGrammar._explain,
    "UNLOAD": TrinoGrammar._unload,
    "PREPARE": TrinoGrammar._prepare,
    "EXECUTE": TrinoGrammar._execute,
    "DEALLOCATE": TrinoGrammar._deallocate,
    "OPTIMIZE": TrinoGrammar._optimize,
    "VACUUM": TrinoGrammar._vacuum,
    "SHOW": TrinoGrammar._show_create_view,
}
