"""A workgroup's `WorkGroupConfiguration`: how it is completed and changed, and what it means for a query.

https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings.html
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from millpond.athena.exceptions import InvalidRequest

ENGINE_VERSION = "Athena engine version 3"

_NESTED = ("ResultConfiguration", "ManagedQueryResultsConfiguration")


def completed(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """A new workgroup's configuration, with what Athena adds.

    Raises:
        InvalidRequest: It asks for what is not there, or contradicts itself.
    """
    settled = copy.deepcopy(dict(configuration))
    _settle(settled)
    return settled


def update(configuration: dict[str, Any], updates: Mapping[str, Any]) -> None:
    """Apply `ConfigurationUpdates`: they name what changes and, as `Remove…`, what goes.

    Raises:
        InvalidRequest: As `completed` does; then nothing is changed.
    """
    changed = copy.deepcopy(configuration)
    rest = copy.deepcopy(dict(updates))
    for name in _NESTED:
        nested = rest.pop(f"{name}Updates", None)
        if nested is not None:
            _apply(changed.setdefault(name, {}), nested)
    _apply(changed, rest)
    _settle(changed)
    configuration.clear()
    configuration.update(changed)


def managed_results(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """`ManagedQueryResultsConfiguration`; it is off unless the workgroup says otherwise."""
    return {"Enabled": False, **(configuration.get("ManagedQueryResultsConfiguration") or {})}


def encryption(configuration: Mapping[str, Any], of_client: Mapping[str, Any]) -> dict[str, Any]:
    """The `EncryptionConfiguration` that holds for a query: the workgroup's if it is enforced."""
    of_workgroup = (configuration.get("ResultConfiguration") or {}).get("EncryptionConfiguration") or {}
    asked = of_client.get("EncryptionConfiguration") or {}
    return dict(of_workgroup if configuration["EnforceWorkGroupConfiguration"] else asked or of_workgroup)


def output_uri(configuration: Mapping[str, Any], of_client: str | None) -> str | None:
    """Where a query's results go, as a folder in S3; None if Athena keeps them.

    Raises:
        InvalidRequest: There is no place for them, or two.
    """
    if managed_results(configuration)["Enabled"]:
        if of_client:
            raise InvalidRequest(
                "OutputLocation cannot be given for a workgroup with managed query results enabled."
            )
        return None
    of_workgroup = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    uri = of_workgroup if configuration["EnforceWorkGroupConfiguration"] else of_client or of_workgroup
    if not uri:
        raise InvalidRequest(
            "No output location provided. An output location is required either through the Workgroup "
            "result configuration setting or as an API input."
        )
    return str(uri)


def enforces_output(configuration: Mapping[str, Any]) -> bool:
    """Whether it prescribes where results and new tables lie."""
    location = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    return bool(configuration["EnforceWorkGroupConfiguration"] and location)


def _apply(target: dict[str, Any], updates: Mapping[str, Any]) -> None:
    for name, value in updates.items():
        if name.startswith("Remove"):
            if value:
                target.pop(name.removeprefix("Remove"), None)
        else:
            target[name] = value


def _settle(configuration: dict[str, Any]) -> None:
    selected = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion") or "AUTO"
    if selected not in ("AUTO", ENGINE_VERSION):
        raise InvalidRequest(
            f"Engine version '{selected}' is not supported locally; use AUTO or '{ENGINE_VERSION}'."
        )
    configuration["EngineVersion"] = {
        "SelectedEngineVersion": selected,
        "EffectiveEngineVersion": ENGINE_VERSION,
    }
    location = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    if managed_results(configuration)["Enabled"] and location:
        raise InvalidRequest(
            "ManagedQueryResultsConfiguration cannot be enabled together with an OutputLocation in "
            "ResultConfiguration."
        )
