"""What can keep the record of access from being shown, or be found in it."""

from __future__ import annotations

from pathlib import Path

from millpond.exceptions import MillpondError


class AccessError(MillpondError):
    """The record of access cannot be read, or is not as it should be."""


class NoRecord(AccessError):
    """No local cloud runs or ran there."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"There is no record of access: no local cloud runs with the data directory {data_dir}, and none "
            "has ended there. Start one with `millpond start`, or name its directory with --data-dir."
        )


class NotEnforced(AccessError):
    """The local cloud let every call pass, so that nothing was decided."""

    def __init__(self) -> None:
        super().__init__(
            "The local cloud ran with --no-enforce-iam, so that nothing is known of what roles use. Run it "
            "without that option."
        )


class InvalidReasons(AccessError):
    """A file of reasons is not as it should be."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(
            f"{file}: {problem}. It maps names of roles to a reason, or to their statements, and those to a "
            "reason, or to actions and resources with a reason each."
        )


class AccessNotTight(AccessError):
    """Roles have rights that they do not use, or were denied something."""

    def __init__(self, unused: int, denied: int) -> None:
        found = [f"{unused} grants are unused without a reason" if unused else ""]
        found.append(f"{denied} calls of roles were denied" if denied else "")
        super().__init__(
            f"{' and '.join(filter(None, found))}. Take away what is not needed, give what is, or say in a "
            "file why it stays (--reasons)."
        )
