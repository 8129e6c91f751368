"""What still runs ends before moto forgets everything, as each `mock_aws` does at its beginning and end.

moto resets its backends while it holds the lock that guards them. A query or a crawl that wanted one at
that moment would wait for the lock for ever, and the reset for the query.
"""

from __future__ import annotations

from collections.abc import Callable

from moto.core.base_backend import BackendDict

_reset_backends = BackendDict.reset


def install(end_what_runs: Callable[[], None]) -> None:
    """From now on moto's reset begins with this, before it takes its lock."""

    def reset() -> None:
        end_what_runs()
        _reset_backends()

    BackendDict.reset = staticmethod(reset)  # type: ignore[method-assign]  # called on the class
