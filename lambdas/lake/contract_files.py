"""Contracts as files: YAML where they are written, JSON where a function reads them."""

from __future__ import annotations

import json
from pathlib import Path

from lake.contracts import SourceContract, parse
from lake.exceptions import ContractError


def read_yaml_folder(folder: Path) -> tuple[SourceContract, ...]:
    """Read every `*.yaml` of a folder, in the order of their names.

    Raises:
        ContractError: A file cannot be used, or is not named like its source.
    """
    import yaml

    contracts = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise ContractError(path.name, "(whole file)", f"is no YAML: {error}", "Mend it.") from error
        contracts.append(_named_like_file(parse(document, path.name), path))
    if not contracts:
        raise ContractError(str(folder), "(folder)", "holds no *.yaml", "Write a contract for each source.")
    return tuple(contracts)


def read_json_folder(folder: Path) -> dict[str, SourceContract]:
    """Read every `*.json` of a folder: the contracts by the name of their source."""
    contracts = {}
    for path in sorted(folder.glob("*.json")):
        contract = parse(json.loads(path.read_text(encoding="utf-8")), path.name)
        contracts[contract.source] = contract
    return contracts


def _named_like_file(contract: SourceContract, path: Path) -> SourceContract:
    if contract.source != path.stem:
        raise ContractError(
            path.name, "source", f"is {contract.source!r}", f"Name the file {contract.source}.yaml."
        )
    return contract
