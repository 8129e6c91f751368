"""Which route of an API a request takes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
"""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_VARIABLE = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True)
class Route(Generic[T]):
    """A method and a path with variables; `ANY` is every method.

    Attributes:
        target: What the route leads to.
    """

    method: str
    path: str
    target: T


@dataclass(frozen=True)
class Match(Generic[T]):
    """A route that a request takes, and what its path's variables are."""

    route: Route[T]
    variables: dict[str, str]


def best_match(routes: Iterable[Route[T]], method: str, path: str) -> Match[T] | None:
    """The most specific route for a request: plain parts before variables, these before greedy ones.

    Args:
        routes: The API's.
        method: The request's.
        path: The request's, quoted, without its stage.
    """
    candidates = []
    for route in routes:
        if route.method not in (method, "ANY"):
            continue
        if (found := _pattern(route.path).fullmatch(path.rstrip("/") or "/")) is not None:
            variables = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
            names = [match[1] for match in _VARIABLE.finditer(route.path)]
            named = dict(zip(names, variables.values(), strict=True))
            candidates.append((_rank(route), Match(route, named)))
    return min(candidates, key=lambda candidate: candidate[0])[1] if candidates else None


@functools.lru_cache(maxsize=4096)
def _pattern(path: str) -> re.Pattern[str]:
    written, end = [], 0
    for number, match in enumerate(_VARIABLE.finditer(path)):
        content = ".+" if match[2] else "[^/]+"
        written += [re.escape(path[end : match.start()]), f"(?P<v{number}>{content})"]
        end = match.end()
    return re.compile("".join(written) + re.escape(path[end:].rstrip("/") if path != "/" else path[end:]))


def _rank(route: Route[T]) -> tuple[list[int], int]:
    """Smaller is more specific."""
    parts = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in route.path.split("/")]
    return parts, 1 if route.method == "ANY" else 0
