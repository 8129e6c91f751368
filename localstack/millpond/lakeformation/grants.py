"""Who was granted what. moto keeps grants in a set and changes them in it, so that they get lost."""

from __future__ import annotations

import json

import moto.lakeformation.models
from moto.lakeformation.models import Permission, PermissionCatalog

from millpond.moto_models import stand_in


class IdentifiedGrant(Permission):
    """A grant that stays the same one when what it grants changes: it is known by principal and resource."""

    def __hash__(self) -> int:
        return hash((json.dumps(self.principal, sort_keys=True), json.dumps(self.resource, sort_keys=True)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Permission) and self.equal_principal_and_resouce(other)


class GrantCatalog(PermissionCatalog):
    """The grants of a catalog."""

    def remove_permission(self, permission: Permission) -> None:
        """Take away what is revoked; a grant that grants nothing any more goes."""
        for known in list(self.permissions):
            if known.equal_principal_and_resouce(permission):
                known.diff(permission)
                if known.is_empty():
                    self.permissions.discard(known)


def install() -> None:
    """Put these grants in the place of moto's; before the first request."""
    stand_in(moto.lakeformation.models, "Permission", IdentifiedGrant)
    stand_in(moto.lakeformation.models, "PermissionCatalog", GrantCatalog)
