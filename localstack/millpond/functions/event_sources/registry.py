"""Which sources can be polled, and the poller of each enabled mapping."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from millpond.functions.event_sources.kinesis import KinesisPoller
from millpond.functions.event_sources.mapping import Checkpoints, Mapping, Poller
from millpond.functions.event_sources.sqs import SqsPoller
from millpond.functions.exceptions import UnsupportedFeature
from millpond.functions.pool import EnvironmentPool


class EventSources:
    """The pollers of all enabled mappings."""

    def __init__(self, pool: EnvironmentPool, max_concurrency: int) -> None:
        self._pool = pool
        self._max_concurrency = max_concurrency
        self._lock = threading.Lock()
        self._pollers: dict[str, tuple[Mapping, Poller]] = {}
        self._checkpoints: defaultdict[str, Checkpoints] = defaultdict(Checkpoints)

    def start(self, mapping: Mapping) -> None:
        """Poll a mapping's source; a poller that it had before is stopped first.

        Raises:
            UnsupportedFeature: There is no poller for such a source.
        """
        make = poller_for(mapping.event_source_arn)
        self.stop(mapping.uuid)
        with self._lock:
            mapping = replace(mapping, checkpoints=self._checkpoints[mapping.uuid])
            self._pollers[mapping.uuid] = mapping, make(mapping, self._pool, self._max_concurrency)

    def last_result(self, uuid: str) -> str:
        """What came of a mapping's last batch."""
        with self._lock:
            return self._checkpoints[uuid].last_result

    def stop(self, uuid: str) -> None:
        """Poll a mapping's source no longer; a batch that runs comes to its end."""
        with self._lock:
            _, poller = self._pollers.pop(uuid, (None, None))
        if poller is not None:
            poller.stop()

    def stop_all(self, account_id: str, region: str) -> None:
        """Stop every mapping of an account in a region."""
        with self._lock:
            uuids = [
                uuid
                for uuid, (mapping, _) in self._pollers.items()
                if (mapping.account_id, mapping.region) == (account_id, region)
            ]
        for uuid in uuids:
            self.stop(uuid)

    def shutdown(self) -> None:
        """Stop every mapping."""
        with self._lock:
            pollers = [poller for _, poller in self._pollers.values()]
            self._pollers.clear()
        for poller in pollers:
            poller.stop()


_POLLERS: dict[str, Callable[[Mapping, EnvironmentPool, int], Poller]] = {
    "kinesis": KinesisPoller,
    "sqs": SqsPoller,
}


def poller_for(event_source_arn: str) -> Callable[[Mapping, EnvironmentPool, int], Poller]:
    """What polls a source of this kind.

    Raises:
        UnsupportedFeature: Nothing does.
    """
    service = (event_source_arn.split(":") + [""] * 3)[2]
    poller = _POLLERS.get(service)
    if poller is None:
        known = ", ".join(sorted(_POLLERS))
        raise UnsupportedFeature(f"event source mappings for {service} (it does for {known})")
    return poller
