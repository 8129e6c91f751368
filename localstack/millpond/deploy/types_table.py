"""The table of resource types in the documentation: `python -m millpond.deploy.types_table` prints it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from millpond.deploy.providers.aws.declaration import AwsResource
from millpond.deploy.providers.aws.invokes import INVOKES
from millpond.deploy.providers.aws.provider import declarations

_HEAD = """\
# Resource types

What `millpond up` can deploy. A program with any other type fails before anything is made, with the
type's name; so does an input that is not listed here. `pulumi up` knows no such limits.

This file is made by `python -m millpond.deploy.types_table > docs/resource-types.md`.

In **bold**: a change replaces the resource. *Named* says which input is made up from the logical name when
the program gives none. Tags are put where the last column says so, with the provider's default tags.
"""

_REFUSED = """
## Outputs that are refused

All others are told as the provider tells them. These have no value here, so that a program that uses one
fails with its name, and never goes on with a `None`:

| type | output | because |
|---|---|---|
"""


def table() -> str:
    """The whole document."""
    parts = [_HEAD]
    by_service: dict[str, list[AwsResource]] = {}
    for declaration in declarations():
        by_service.setdefault(declaration.type.split(":")[1].partition("/")[0], []).append(declaration)
    for service, found in sorted(by_service.items()):
        parts.append(f"\n## {service}\n\n| type | inputs | named | tags |\n|---|---|---|---|\n")
        parts += [_row(declaration) for declaration in sorted(found, key=lambda item: item.type)]
    parts.append(_REFUSED)
    parts += [
        f"| `{declaration.type.rpartition(':')[2]}` ({declaration.type.split(':')[1].partition('/')[0]})"
        f" | {output} | {reason} |\n"
        for declaration in declarations()
        for output, reason in sorted(declaration.unfilled.items())
    ]
    parts.append("\n## Functions\n\n")
    parts += [
        f"- `{token.rpartition(':')[2]}` ({token.split(':')[1].partition('/')[0]})\n" for token in INVOKES
    ]
    return "".join(parts)


def _row(declaration: AwsResource) -> str:
    named = declaration.naming.property if declaration.naming else ""
    cells = (_names(declaration), _inputs(declaration), named, "yes" if declaration.tagged else "")
    return f"| {' | '.join(cells)} |\n"


def _names(declaration: AwsResource) -> str:
    older = [type_.rpartition(":")[2] for type_ in declaration.older_types]
    name = f"`{declaration.type.rpartition(':')[2]}`"
    return name + (f" ({_list(older)})" if older else "")


def _inputs(declaration: AwsResource) -> str:
    return ", ".join(
        f"**{name}**" if name in declaration.replaces else name for name in sorted(declaration.properties)
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(table())
