"""What can go wrong in a test besides what it tests."""

from __future__ import annotations

from millpond.exceptions import MillpondError


class TestingError(MillpondError):
    """A fixture cannot give what a test asked for."""

    __test__ = False  # pytest takes every class whose name begins with Test for tests


class NotSeenInTime(TestingError, AssertionError):
    """What a test waited for did not happen; says what there was instead."""

    def __init__(self, awaited: str, seconds: float, seen: str) -> None:
        super().__init__(f"{awaited}: not within {seconds:g} s; {seen}")


class AwaitedQueryFailed(TestingError, AssertionError):
    """A query that a test waited for ended without success; says why, in Athena's words."""

    def __init__(self, execution_id: str, state: str, reason: str) -> None:
        super().__init__(f"query {execution_id} {state.lower()}: {reason}")


class MotoInUse(TestingError):
    """moto's services are in this process once, and two fixtures want them for themselves."""

    def __init__(self) -> None:
        super().__init__(
            "`moto_services` and a `cloud` in this process would share moto's state, which "
            "`mock_aws` empties. Run the cloud in a process of its own "
            "(`millpond_cloud = process`, or --millpond-cloud=process)."
        )
