"""Hive's part of Athena's statements: tables, schemas, partitions, SHOW, DESCRIBE, MSCK.

Names may be bare, in backquotes or in double quotes; strings have either quote and backslash escapes.
https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from millpond.athena.sql import statements as st
from millpond.athena.sql.exceptions import InvalidType
from millpond.athena.sql.token_stream import TokenStream, placed
from millpond.athena.sql.trino_grammar import STATEMENT_STARTS
from millpond.athena.sql.types import SqlType, parse_type

_DELIMITERS = {
    # clause of ROW FORMAT DELIMITED: the SerDe properties that Hive makes of it
    ("FIELDS",): ("field.delim", "serialization.format"),
    ("COLLECTION", "ITEMS"): ("collection.delim",),
    ("MAP", "KEYS"): ("mapkey.delim",),
    ("LINES",): ("line.delim",),
}


class HiveGrammar(TokenStream):
    """The rules for Hive's statements."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "hive")

    def statement(self) -> st.Statement:
        """One whole statement, and nothing behind it."""
        start = self.token
        rule = _STATEMENTS.get(start.upper)
        if rule is None:
            raise self.mismatch(*STATEMENT_STARTS)
        self.advance()
        statement = replace(rule(self), text=self.slice_text(start))
        self.end()
        return statement

    # ---- names, types, lists

    def _name_part(self) -> str:
        token = self.token
        if token.kind in ("backquoted", "word") or (token.kind == "string" and token.raw[0] == '"'):
            return self.advance().text
        if token.kind == "number" and self.peek().kind == "word" and self.peek().start == token.end:
            return self.advance().text + self.advance().text
        raise self.mismatch("<identifier>")

    def _column_name(self) -> str:
        return self._name_part().lower()

    def _name(self) -> st.QualifiedName:
        position = self.position
        parts = [self._name_part()]
        while self.take("."):
            parts.append(self._name_part())
        # `schema.table` inside one pair of backquotes is what Hive users write too.
        if len(parts) == 1 and "." in parts[0]:
            parts = parts[0].split(".")
        if len(parts) > 3:
            raise self.error(f"Too many dots in table name: {'.'.join(parts)}", position)
        return st.QualifiedName(tuple(parts), position.line, position.column)

    def _type(self) -> SqlType:
        """A type in Hive's spelling, such as `int`, `decimal(10, 2)`, `array<struct<a:int>>`."""
        start = self.token
        if start.kind not in ("word", "backquoted"):
            raise self.mismatch("<type>")
        self.advance()
        text = [start.raw]
        opening, closing = ("(", "<"), (")", ">")
        if self.token.upper in opening:
            depth = 0
            while True:
                if self.token.kind == "end":
                    raise self.mismatch("'>'", "')'")
                token = self.advance()
                depth += (token.upper in opening) - (token.upper in closing)
                text.append(token.raw)
                if depth == 0:
                    break
        elif start.upper == "DOUBLE" and self.take("PRECISION"):
            text.append(" precision")
        elif start.upper == "TIMESTAMP" and self.take("WITH", "TIME", "ZONE"):
            text.append(" with time zone")
        try:
            return parse_type("".join(text))
        except InvalidType as error:
            raise placed(error, start.position) from error

    def _column(self) -> st.ColumnDefinition:
        name = self._column_name()
        type_ = self._type()
        return st.ColumnDefinition(name, type_, self.string() if self.take("COMMENT") else None)

    def _partition_transform(self) -> str:
        """`region`, `day(ts)`, `bucket(16, id)`: as text."""
        name = self._column_name()
        if not self.take("("):
            return name
        arguments = [self._transform_argument()]
        while self.take(","):
            arguments.append(self._transform_argument())
        self.expect(")")
        return f"{name}({', '.join(arguments)})"

    def _transform_argument(self) -> str:
        return str(self.integer()) if self.token.kind == "number" else self._column_name()

    def _properties(self) -> dict[str, str]:
        return dict(self.in_parentheses(self._property))

    def _property(self) -> tuple[str, str]:
        name = self.string()
        self.expect("=")
        return name, self.string()

    def _literal(self) -> str:
        """A constant of a partition: the text of a string, a number or a typed literal."""
        sign = "-" if self.take("-") else ""
        token = self.token
        if token.kind == "word" and self.peek().kind == "string":
            self.advance()
            return self.string()
        if token.kind not in ("string", "number", "word"):
            raise self.mismatch("<literal>")
        return sign + self.advance().text

    def _partition(self) -> st.PartitionValues:
        """`(a = '1', b = 2)`."""

        def value() -> tuple[str, str]:
            name = self._column_name()
            self.expect("=")
            return name, self._literal()

        return self.in_parentheses(value)

    # ---- CREATE

    def _create(self) -> st.Statement:
        if self.take_any("SCHEMA", "DATABASE"):
            return self._create_schema()
        external = self.take("EXTERNAL")
        self.expect("TABLE")
        return self._create_table(external)

    def _create_schema(self) -> st.Statement:
        if_not_exists = self.take("IF", "NOT", "EXISTS")
        schema = self._name()
        comment = self.string() if self.take("COMMENT") else None
        location = self.string() if self.take("LOCATION") else None
        properties = self._properties() if self.take("WITH", "DBPROPERTIES") else {}
        return st.CreateSchema(schema, if_not_exists, comment, location, properties)

    def _create_table(self, external: bool) -> st.Statement:
        if_not_exists = self.take("IF", "NOT", "EXISTS")
        table = self._name()
        columns = self.in_parentheses(self._column) if self.at("(") else ()
        comment = self.string() if self.take("COMMENT") else None
        partition_columns: tuple[st.ColumnDefinition, ...] = ()
        transforms: tuple[str, ...] = ()
        if self.take("PARTITIONED", "BY"):
            if external:
                partition_columns = self.in_parentheses(self._column)
            else:
                transforms = self.in_parentheses(self._partition_transform)
        if not external:
            location = self.string() if self.take("LOCATION") else None
            properties = self._properties() if self.take("TBLPROPERTIES") else {}
            return st.CreateIcebergTable(
                table, if_not_exists, columns, comment, transforms,
                location, properties,
            )  # fmt: skip
        bucket_columns: tuple[str, ...] = ()
        bucket_count = None
        if self.take("CLUSTERED", "BY"):
            bucket_columns = self.in_parentheses(self._column_name)
            self.expect("INTO")
            bucket_count = self.integer()
            self.expect("BUCKETS")
        row_format = self._row_format() if self.take("ROW", "FORMAT") else None
        stored_as = input_format = output_format = None
        if self.take("STORED", "AS"):
            if self.take("INPUTFORMAT"):
                input_format = self.string()
                self.expect("OUTPUTFORMAT")
                output_format = self.string()
            else:
                stored_as = self._name_part().upper()
        if row_format is not None and self.take("WITH", "SERDEPROPERTIES"):
            row_format = st.RowFormat(row_format.serde, self._properties())
        location = self.string() if self.take("LOCATION") else None
        properties = self._properties() if self.take("TBLPROPERTIES") else {}
        return st.CreateExternalTable(
            table, if_not_exists, columns, comment, partition_columns,
            bucket_columns, bucket_count, row_format, stored_as, input_format, output_format,
            location, properties,
        )  # fmt: skip

    def _row_format(self) -> st.RowFormat:
        if self.take("SERDE"):
            serde = self.string()
            return st.RowFormat(serde, self._properties() if self.take("WITH", "SERDEPROPERTIES") else {})
        self.expect("DELIMITED")
        properties: dict[str, str] = {}
        while True:
            for words, names in _DELIMITERS.items():
                if self.take(*words, "TERMINATED", "BY"):
                    properties.update(dict.fromkeys(names, self.string()))
                    if words == ("FIELDS",) and self.take("ESCAPED", "BY"):
                        properties["escape.delim"] = self.string()
                    break
            else:
                if not self.take("NULL", "DEFINED", "AS"):
                    return st.RowFormat(None, properties)
                properties["serialization.null.format"] = self.string()

    # ---- DROP

    def _drop(self) -> st.Statement:
        kind = self.expect_any("TABLE", "VIEW", "SCHEMA", "DATABASE")
        if_exists = self.take("IF", "EXISTS")
        name = self._name()
        if kind == "TABLE":
            return st.DropTable(name, if_exists)
        if kind == "VIEW":
            return st.DropView(name, if_exists)
        behaviour = self.take_any("CASCADE", "RESTRICT")
        return st.DropSchema(name, if_exists, behaviour == "CASCADE")

    # ---- ALTER

    def _alter(self) -> st.Statement:
        if self.take_any("SCHEMA", "DATABASE"):
            schema = self._name()
            self.expect("SET", "DBPROPERTIES")
            return st.AlterSchemaSetProperties(schema, self._properties())
        self.expect("TABLE")
        table = self._name()
        action = self.token.upper
        if action not in _ALTERATIONS:
            raise self.mismatch(*(f"'{word}'" for word in _ALTERATIONS))
        self.advance()
        return _ALTERATIONS[action](self, table)

    def _alter_add(self, table: st.QualifiedName) -> st.Statement:
        if self.take("COLUMNS"):
            columns = self.in_parentheses(self._column)
            return st.AlterTableAddColumns(table, columns)
        if_not_exists = self.take("IF", "NOT", "EXISTS")
        partitions = []
        self.expect("PARTITION")
        while True:
            values = self._partition()
            location = self.string() if self.take("LOCATION") else None
            partitions.append(st.PartitionLocation(values, location))
            if not self.take("PARTITION"):
                break
        return st.AlterTableAddPartitions(table, if_not_exists, tuple(partitions))

    def _alter_replace(self, table: st.QualifiedName) -> st.Statement:
        self.expect("COLUMNS")
        columns = self.in_parentheses(self._column)
        return st.AlterTableReplaceColumns(table, columns)

    def _alter_change(self, table: st.QualifiedName) -> st.Statement:
        self.take("COLUMN")
        old_name = self._column_name()
        column = self._column()
        first = self.take("FIRST")
        after = self._column_name() if not first and self.take("AFTER") else None
        return st.AlterTableChangeColumn(table, old_name, column, first, after)

    def _alter_drop(self, table: st.QualifiedName) -> st.Statement:
        if self.take("COLUMN"):
            return st.AlterTableDropColumn(table, self._column_name())
        if_exists = self.take("IF", "EXISTS")

        def partition() -> tuple[st.PartitionCondition, ...]:
            self.expect("PARTITION")
            return self.in_parentheses(self._partition_condition)

        partitions = self.comma_list(partition)
        return st.AlterTableDropPartitions(table, if_exists, partitions)

    def _partition_condition(self) -> st.PartitionCondition:
        column = self._column_name()
        operator = self.expect_any("=", "<>", "!=", "<", "<=", ">", ">=")
        return st.PartitionCondition(column, "<>" if operator == "!=" else operator, self._literal())

    def _alter_rename(self, table: st.QualifiedName) -> st.Statement:
        self.expect("TO")
        return st.AlterTableRename(table, self._name())

    def _alter_set(self, table: st.QualifiedName) -> st.Statement:
        if self.take("LOCATION"):
            return st.AlterTableSetLocation(table, self.string())
        self.expect("TBLPROPERTIES")
        return st.AlterTableSetProperties(table, self._properties())

    def _alter_unset(self, table: st.QualifiedName) -> st.Statement:
        self.expect("TBLPROPERTIES")
        self.take("IF", "EXISTS")
        names = self.in_parentheses(self.string)
        return st.AlterTableUnsetProperties(table, names)

    def _alter_partition(self, table: st.QualifiedName) -> st.Statement:
        partition = self._partition()
        if self.take("SET"):
            self.expect("LOCATION")
            return st.AlterTableSetLocation(table, self.string(), partition)
        self.expect("RENAME", "TO", "PARTITION")
        return st.AlterTableRenamePartition(table, partition, self._partition())

    # ---- SHOW, DESCRIBE, MSCK

    def _show(self) -> st.Statement:
        kind = self.expect_any(
            "DATABASES", "SCHEMAS", "TABLES", "VIEWS", "COLUMNS", "PARTITIONS", "CREATE", "TBLPROPERTIES"
        )
        if kind in ("DATABASES", "SCHEMAS"):
            return st.ShowDatabases(self._pattern())
        if kind in ("TABLES", "VIEWS"):
            schema = self._name() if self.take_any("IN", "FROM") else None
            statement = st.ShowTables if kind == "TABLES" else st.ShowViews
            return statement(schema, self._pattern())
        if kind == "COLUMNS":
            self.expect_any("FROM", "IN")
            table = self._name()
            if self.take_any("FROM", "IN"):
                schema = self._name()
                table = st.QualifiedName((*schema.parts, *table.parts), table.line, table.column)
            return st.ShowColumns(table)
        if kind == "CREATE":
            what = self.expect_any("TABLE", "VIEW")
            name = self._name()
            if what == "VIEW":
                return st.ShowCreateView(name)
            return st.ShowCreateTable(name)
        if kind == "PARTITIONS":
            table = self._name()
            partition = self._partition() if self.take("PARTITION") else ()
            return st.ShowPartitions(table, partition)
        table = self._name()
        names = self.in_parentheses(self.string) if self.at("(") else ()
        return st.ShowTableProperties(table, names[0] if names else None)

    def _pattern(self) -> str | None:
        if self.take("LIKE"):
            return self.string()
        return self.string() if self.token.kind == "string" else None

    def _describe(self) -> st.Statement:
        if self.take("VIEW"):
            return st.DescribeView(self._name())
        self.take("TABLE")
        style = self.take_any("EXTENDED", "FORMATTED")
        table = self._name()
        partition = self._partition() if self.take("PARTITION") else ()
        column: tuple[str, ...] = ()
        if self.token.kind in ("word", "backquoted"):
            parts = [self._column_name()]
            while self.take("."):
                # Inside a column are names, and '$elem$', '$key$' and '$value$'.
                parts.append(self.string() if self.token.kind == "string" else self._column_name())
            column = tuple(parts)
        return st.Describe(table, style and style.lower(), partition, column)

    def _msck(self) -> st.Statement:
        self.expect("REPAIR", "TABLE")
        return st.MsckRepairTable(self._name())


_STATEMENTS: dict[str, Callable[[HiveGrammar], st.Statement]] = {
    "CREATE": HiveGrammar._create,
    "DROP": HiveGrammar._drop,
    "ALTER": HiveGrammar._alter,
    "SHOW": HiveGrammar._show,
    "DESCRIBE": HiveGrammar._describe,
    "DESC": HiveGrammar._describe,
    "MSCK": HiveGrammar._msck,
}

_ALTERATIONS: dict[str, Callable[[HiveGrammar, st.QualifiedName], st.Statement]] = {
    "ADD": HiveGrammar._alter_add,
    "REPLACE": HiveGrammar._alter_replace,
    "CHANGE": HiveGrammar._alter_change,
    "DROP": HiveGrammar._alter_drop,
    "RENAME": HiveGrammar._alter_rename,
    "SET": HiveGrammar._alter_set,
    "UNSET": HiveGrammar._alter_unset,
    "PARTITION": HiveGrammar._alter_partition,
}
