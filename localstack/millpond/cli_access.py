"""`millpond access`: what every role was granted, used and was denied."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from millpond.cli_options import AsJson, DataDir, print_json

if TYPE_CHECKING:
    from millpond.access.check import CheckResult
    from millpond.access.report import AccessReport, RoleAccess

_errors = Console(stderr=True)
_output = Console()


def access(
    data_dir: DataDir = Path(".millpond"),
    role: Annotated[str | None, typer.Option(help="One role only, by its name.")] = None,
    propose: Annotated[
        bool, typer.Option("--propose", help="Print the tightest policy that would have done.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fail upon denials and upon unused grants without a reason.")
    ] = False,
    reasons: Annotated[
        Path | None, typer.Option(help="YAML that says why unused grants stay.", dir_okay=False, exists=True)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what every role was granted, used and was denied since the local cloud started."""
    from millpond.access.check import check as check_report
    from millpond.access.proposal import propose as proposed
    from millpond.access.reasons import Reasons, read_reasons
    from millpond.access.report import AccessReport, report
    from millpond.client.access_record import read_description

    found = report(read_description(data_dir.resolve()))
    if role is not None:
        chosen = tuple(each for each in found.roles if each.name == role)
        if not chosen:
            raise typer.BadParameter(f"there is no role '{role}'")
        found = AccessReport(chosen, {}, found.happened)
    result = check_report(found, read_reasons(reasons) if reasons else Reasons())
    if as_json:
        print_json(_as_json(found, result))
    elif propose:
        for each in found.roles:
            _output.print(f"[bold]{escape(each.name)}[/]")
            _output.print(json.dumps(proposed(each), indent=2), highlight=False, markup=False)
    else:
        for each in found.roles:
            _print_role(each, result)
        _print_others(found)
    if check:
        result.raise_if_loose()


def _print_role(role: RoleAccess, result: CheckResult) -> None:
    reasons = {(each.statement, each.item): each.reason for each in result.unused if each.role == role.name}
    title = escape(role.name) + ("" if role.is_used else " (never used)")
    told = {reasons.get((grant.statement, item)) for grant in role.grants for item in grant.unused}
    if not role.is_used and len(told) == 1 and None not in told:
        _output.print(f"{title}\n[dim]{escape(str(*told))}[/]\n", highlight=False)
        return
    table = Table("statement", "calls", "used", "unused", title=title, title_justify="left")
    for grant in role.grants:
        used = sorted({use.action for use in grant.uses})
        unused = []
        for item in grant.unused:
            reason = reasons.get((grant.statement, item))
            shown = "everything" if item == grant.statement else escape(item)
            unused.append(f"[dim]{shown} ({escape(reason)})[/]" if reason else f"[yellow]{shown}[/]")
        calls = sum(use.count for use in grant.uses)
        table.add_row(escape(grant.statement), str(calls), "\n".join(used), "\n".join(unused))
    _output.print(table)
    for denial in role.denials:
        _output.print(f"[red]denied[/] {denial.count}x: {escape(denial.reason)}", highlight=False)


def _print_others(found: AccessReport) -> None:
    for caller, denials in found.others.items():
        for denial in denials:
            _output.print(
                f"[red]denied[/] {escape(caller)} {denial.count}x: {escape(denial.reason)}", highlight=False
            )


def _as_json(found: AccessReport, result: CheckResult) -> dict[str, Any]:
    from millpond.access.proposal import propose as proposed

    return {
        "roles": [
            {
                "arn": role.arn,
                "name": role.name,
                "grants": [
                    {
                        "policy": grant.policy,
                        "statement": grant.statement,
                        "actions": list(grant.actions),
                        "resources": list(grant.resources),
                        "uses": [asdict(use) for use in grant.uses],
                        "unused": list(grant.unused),
                    }
                    for grant in role.grants
                ],
                "denied": [asdict(denial) for denial in role.denials],
                "proposal": proposed(role),
            }
            for role in found.roles
        ],
        "others_denied": {
            caller: [asdict(each) for each in denials] for caller, denials in found.others.items()
        },
        "unused": [asdict(each) for each in result.unused],
        "tight": not (result.unexplained or result.denied),
    }
