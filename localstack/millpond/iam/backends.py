"""moto's state of a service in one account and region, found without moto's own search.

moto looks through all services that are in use each time that an account's state is asked for, which takes
longer than most of what is then read there.
"""

from __future__ import annotations

from moto.core.base_backend import SERVICE_BACKEND, BackendDict


def backend_of(backends: BackendDict[SERVICE_BACKEND], account: str, region: str) -> SERVICE_BACKEND:
    """The state of a service; moto makes it where there is none yet.

    Raises:
        KeyError: moto knows no such region.
    """
    of_account = backends.get(account)
    found = None if of_account is None else of_account.get(region)
    return backends[account][region] if found is None else found
