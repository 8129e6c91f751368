"""Contracts as files: YAML where they are written, JSON where a function reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from lake.contracts import SourceContract, parse
from lake.exceptions import ContractError


def read_folder(folder: Path) -> tuple[SourceContract, ...]:
    """Read every `<source>.yaml` and `<source>.json` of a folder, in the order of their names.

    Raises:
        ContractError: A file cannot be used, or is not named like its source, or there is none.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix in _READERS)
    if not paths:
        raise ContractError(
            str(folder), "(folder)", "holds no contract", "Write a <source>.yaml for each source."
        )
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> SourceContract:
    contract = parse(_READERS[path.suffix](path), path.name)
    if contract.source != path.stem:
        name = f"{contract.source}{path.suffix}"
        raise ContractError(path.name, "source", f"is {contract.source!r}", f"Name the file {name}.")
    return contract


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ContractError(path.name, "(whole file)", f"is no JSON: {error}", "Mend it.") from error


def _read_yaml(path: Path) -> object:
    # Not at the top: a function's archive has no PyYAML, and none of its contracts is YAML.
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ContractError(path.name, "(whole file)", f"is no YAML: {error}", "Mend it.") from error


_READERS: Mapping[str, Callable[[Path], object]] = {".json": _read_json, ".yaml": _read_yaml}
