"""A function of Python's over one row, and how DuckDB calls it over many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_ARROW_TYPES = {
    "BIGINT": "int64",
    "INTEGER": "int32",
    "DOUBLE": "float64",
    "FLOAT": "float32",
    "BOOLEAN": "bool_",
    "VARCHAR": "string",
    "BLOB": "binary",
}


class FunctionFailure(Exception):
    """An error of a running query; its text is what `runtime_errors` reads."""

    def __init__(self, message: str, code: str = "INVALID_FUNCTION_ARGUMENT") -> None:
        super().__init__(f"athena!{code}!{message}!end")


@dataclass(frozen=True)
class PythonFunction:
    """A function that a plan's SQL may call.

    Attributes:
        name: `athena_py_…`.
        parameters: DuckDB's types of its arguments.
        result: DuckDB's type of its result.
        of_row: What computes one row; None in any argument gives None without a call.
        takes_null: `of_row` is called with None, too.
        volatile: Two calls with the same arguments may differ.
    """

    name: str
    parameters: tuple[str, ...]
    result: str
    of_row: Callable[..., Any]
    takes_null: bool = False
    volatile: bool = False

    def vectorised(self) -> Callable[..., Any]:
        """The function over Arrow's columns."""
        import pyarrow

        of_row, takes_null, type_ = self.of_row, self.takes_null, _arrow_type(self.result)

        def of_columns(*columns: Any) -> Any:
            rows = zip(*(column.to_pylist() for column in columns), strict=True)
            if takes_null:
                return pyarrow.array([of_row(*row) for row in rows], type_)
            return pyarrow.array([None if None in row else of_row(*row) for row in rows], type_)

        return _OF_ARITY[len(self.parameters)](of_columns)


_OF_ARITY: dict[int, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    # DuckDB counts the parameters of what it is given.
    1: lambda f: lambda a: f(a),
    2: lambda f: lambda a, b: f(a, b),
    3: lambda f: lambda a, b, c: f(a, b, c),
    4: lambda f: lambda a, b, c, d: f(a, b, c, d),
}


def _arrow_type(text: str) -> Any:
    import pyarrow

    if text.endswith("[]"):
        return pyarrow.list_(_arrow_type(text.removesuffix("[]")))
    if text.startswith("STRUCT("):
        fields = [item.strip().split(" ", 1) for item in text[7:-1].split(",")]
        return pyarrow.struct([(name.strip('"'), _arrow_type(type_)) for name, type_ in fields])
    return getattr(pyarrow, _ARROW_TYPES[text])()
