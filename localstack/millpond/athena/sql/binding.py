"""Arguments that are computed once, however often the SQL around them needs them.

DuckDB puts a macro's arguments into its body as they are written, so a macro that names a parameter three
times makes three copies of the argument, and twelve such calls inside each other make half a million.
`bind_arguments`, the last step of a translation, gives such an argument a name first, as the parameter of a
lambda: `list_transform([argument], lambda b: athena_element_at(b, 1))[1]`. Columns, constants and short
sums of them stay as they are: computing them twice is quicker, and DuckDB sees through them. `once` is the
same for SQL that is made here without a macro.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from millpond.athena.sql.macros import ALL as MACROS

_LONG = 1000
_HEAVY = re.compile(r"athena_|\blambda\b|\bSELECT\b")
_TEXT = r"'(?:[^']|'')*'"
_TEXTS = re.compile(_TEXT)
_QUERY = re.compile(r"\b(?:SELECT|OVER)\b")
_CONSTANT = re.compile(
    rf"""-?\d[\d.e]*|{_TEXT}|NULL|true|false|\[\]|MAP\(\[\],[ ]\[\]\)
        |CAST\((?:NULL|\d+|{_TEXT})[ ]AS[ ][\w", ()\[\]]+\)""",
    re.VERBOSE,
)
_TOKEN = re.compile(
    rf"""{_TEXT}|"(?:[^"]|"")*"|(?P<macro>athena_(?!py_)\w+)\(|(?P<open>[(\[{{])|(?P<close>[)\]}}])
        |(?P<comma>,)|(?P<word>(?<![.\w])[a-z]\w*)""",
    re.VERBOSE,
)


def bind_arguments(sql: str) -> str:
    """A plan's SQL in which no macro makes copies of an argument that costs much."""
    if sql.count("athena_") < 2 and not _HEAVY.search(sql):
        return sql
    calls, depth, at = [_Call("", 0)], 0, 0
    for match in _TOKEN.finditer(sql):
        call = calls[-1]
        call.arguments[-1].append(sql[at : match.start()])
        at = match.end()
        if match["macro"]:
            depth += 1
            calls.append(_Call(match["macro"], depth))
        elif match["close"] and len(calls) > 1 and call.depth == depth:
            depth -= 1
            calls.pop()
            calls[-1].arguments[-1].append(call.sql())
        elif match["comma"] and len(calls) > 1 and call.depth == depth:
            call.arguments.append([])
        else:
            depth += bool(match["open"]) - bool(match["close"])
            call.arguments[-1].append(match[0])
    calls[0].arguments[-1].append(sql[at:])
    return "".join(calls[0].arguments[0])


def once(render: Callable[..., str], *arguments: str) -> str:
    """What `render` makes of arguments that it repeats: bound to names first if one of them costs much."""
    if any(map(costs_much, arguments)):
        return _bound(render, arguments)
    return render(*arguments)


def costs_much(argument: str) -> bool:
    """Whether an argument had better be computed once than be repeated."""
    if len(argument) > _LONG:
        return True
    found = _HEAVY.search(argument)
    # What a constant says is no SQL.
    return found is not None and (
        "'" not in argument or _HEAVY.search(_TEXTS.sub("''", argument)) is not None
    )


def has_query(sql: str) -> bool:
    """Whether a query or a window function is in it, which lambdas cannot have."""
    return _QUERY.search(sql) is not None and _QUERY.search(_TEXTS.sub("''", sql)) is not None


def _bound(render: Callable[..., str], arguments: Sequence[str]) -> str:
    """All arguments but constants are bound: nothing but constants and names may stand in a lambda's body."""
    # The same arguments have the same name each time: an expression of GROUP BY is known by its text.
    name = f"b{zlib.crc32(', '.join(arguments).encode()):08x}"
    places = [i for i, argument in enumerate(arguments) if not _CONSTANT.fullmatch(argument)]
    if len(places) == 1:
        names, item = {places[0]: name}, arguments[places[0]]
    else:
        names = {i: f"{name}.a{i}" for i in places}
        item = "{" + ", ".join(f"'a{i}': {arguments[i]}" for i in places) + "}"
    body = render(*(names.get(i, argument) for i, argument in enumerate(arguments)))
    return f"list_transform([{item}], lambda {name}: {body})[1]"


@dataclass
class _Call:
    """A macro's call while it is read; `depth` is how many parentheses are open, its own included."""

    name: str
    depth: int
    arguments: list[list[str]] = field(default_factory=lambda: [[]])

    def sql(self) -> str:
        arguments = ["".join(pieces).strip() for pieces in self.arguments]
        uses = _uses().get(self.name, ())
        if any(n > 1 and costs_much(argument) for n, argument in zip(uses, arguments, strict=False)):
            return _bound(lambda *names: f"{self.name}({', '.join(names)})", arguments)
        return f"{self.name}({', '.join(arguments)})"


@cache
def _uses() -> dict[str, tuple[int, ...]]:
    """How often each macro computes each of its arguments: once, or more often (2)."""
    uses: dict[str, tuple[int, ...]] = {}
    for declaration, body in MACROS.items():
        name, _, rest = declaration.partition("(")
        parameters = [parameter.strip() for parameter in rest.rstrip(")").split(",")]
        uses[name] = tuple(min(_count(body, parameter, uses), 2) for parameter in parameters)
    return uses


def _count(body: str, parameter: str, uses: dict[str, tuple[int, ...]]) -> int:
    """How often a body computes a parameter; each time for every element, if it stands in a lambda."""
    total = 0
    # For each open parenthesis: the macro's uses of its arguments, which argument it is, and a factor.
    stack: list[tuple[tuple[int, ...], int, int]] = [((), 0, 1)]
    for match in _TOKEN.finditer(body):
        called, place, factor = stack[-1]
        inside = factor * (called[place] if place < len(called) else 1)
        if match["macro"]:
            stack.append((uses.get(match["macro"], ()), 0, inside))
        elif match["open"]:
            stack.append(((), 0, inside))
        elif match["close"]:
            stack.pop()
        elif match["comma"]:
            stack[-1] = (called, place + 1, factor)
        elif match["word"] == "lambda":
            stack[-1] = (called, place, factor * 2)
        elif match["word"] == parameter:
            total += inside
    return total
