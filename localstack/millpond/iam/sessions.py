"""Temporary credentials: what STS issued, and what the one who has them may do at most."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from millpond.iam.evaluation.principal import Principal


@dataclass(frozen=True)
class Session:
    """What one call to STS gave.

    Attributes:
        access_key_id: The key by which requests name it; `ASIA...`.
        secret_access_key: What requests are signed with.
        session_token: What requests carry along.
        principal: Whom requests come from.
        expiration: When it ends.
        limited: Whether it may do no more than its session policies say.
        policy: The session policy that was passed as a document.
        policy_arns: The managed policies that were passed as session policies.
        transitive_tag_keys: Tags that sessions begun from this one have too.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    principal: Principal
    expiration: datetime
    limited: bool = False
    policy: str = ""
    policy_arns: tuple[str, ...] = ()
    transitive_tag_keys: tuple[str, ...] = ()

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return now >= self.expiration


class SessionStore:
    """The sessions of this process, by access key."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def add(self, session: Session) -> None:
        """Keep a session; those that ended long ago are forgotten: their keys are then unknown."""
        with self._lock:
            if len(self._sessions) >= _MANY:
                now = datetime.now(UTC)
                self._sessions = {key: each for key, each in self._sessions.items() if not each.is_over(now)}
            self._sessions[session.access_key_id] = session

    def get(self, access_key_id: str) -> Session | None:
        """The session of a key, over or not."""
        return self._sessions.get(access_key_id)


_MANY = 10_000

SESSIONS = SessionStore()
"""Those of the process, as moto's backends are the process's."""
