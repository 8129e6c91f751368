"""What becomes of what holds data when a deployment would delete it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class Retention:
    """Data is deleted only by a stack that says so twice.

    Attributes:
        protect: A deployment that would delete it fails.
        force_destroy: It is deleted with all that it holds; without this, a deployment that no longer has it,
            or `destroy`, forgets it and leaves it where it is.
    """

    protect: bool
    force_destroy: bool

    def __post_init__(self) -> None:
        if self.protect and self.force_destroy:
            raise ValueError("what is protected cannot be destroyed by force")

    def options(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a resource that holds data, or guards it: neither is ever left without the other."""
        return pulumi.ResourceOptions(
            parent=parent, protect=self.protect, retain_on_delete=not self.force_destroy
        )
