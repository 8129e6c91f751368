"""Functions of scripts, as Spark applies them to the rows of a frame."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..gluetypes import DynamicRecord
from .errors import error_record
from .records import record_of


def holding(f: Callable[[DynamicRecord], Any]) -> Callable[[Any], bool]:
    """Whether a function is true of a row; of one on which it fails it is not."""

    def holds(row: Any) -> bool:
        try:
            return bool(f(record_of(row)))
        except Exception:  # whatever the script's function raises: `failing` tells of it
            return False

    return holds


def failing(f: Callable[[DynamicRecord], Any]) -> Callable[[Any], list[dict[str, Any]]]:
    """The error of a row on which a filter's function fails; that a field is missing is none, as in Glue."""

    def errors(row: Any) -> list[dict[str, Any]]:
        try:
            f(record_of(row))
        except (KeyError, ValueError, TypeError):
            return []
        except Exception as error:  # whatever the script's function raises is the record's error
            return [_error_of(error, row)]
        return []

    return errors


def applied(f: Callable[[DynamicRecord], Any]) -> Callable[[Any], tuple[bool, Any]]:
    """Whether a function could make something of a row, and that, or the error."""

    def apply(row: Any) -> tuple[bool, Any]:
        try:
            made = f(record_of(row))
        except Exception as error:  # whatever the script's function raises is the record's error
            return False, _error_of(error, row)
        if not made:
            message = "User-specified function returned None instead of DynamicRecord"
            return False, error_record(message, record=record_of(row))
        return True, made

    return apply


def _error_of(error: Exception, row: Any) -> dict[str, Any]:
    message = f"{type(error).__name__}: {error}"
    return error_record(message, trace="".join(traceback.format_exception(error)), record=record_of(row))


def unboxing(path: Sequence[str]) -> Callable[[DynamicRecord], DynamicRecord]:
    """What puts the JSON that a field has as text in its place."""

    def unboxed(record: DynamicRecord) -> DynamicRecord:
        holder: Any = record
        for part in path[:-1]:
            holder = holder.get(part) if isinstance(holder, Mapping) else None
        if isinstance(holder, dict) and isinstance(holder.get(path[-1]), str):
            holder[path[-1]] = json.loads(holder[path[-1]])
        return record

    return unboxed
