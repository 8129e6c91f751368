"""A function as an execution environment knows it, and one invocation of it with its outcome."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from millpond.functions.archives import ZipArchive
from millpond.functions.layers import Layer
from millpond.iam.enforcement import Actor, role_actor


@dataclass(frozen=True)
class FunctionDefinition:
    """Everything that decides how a version of a function runs.

    Two equal definitions may share environments; when any of it changes, new ones are started.
    """

    account_id: str
    region: str
    name: str
    version: str
    role: str
    handler: str
    runtime: str
    memory_mb: int
    timeout_seconds: int
    variables: tuple[tuple[str, str], ...]
    code: ZipArchive
    layers: tuple[Layer, ...]
    log_group: str
    ephemeral_storage_mb: int = 512
    log_format: str = "Text"
    log_level: str | None = None

    @property
    def arn(self) -> str:
        """The function's ARN without a version."""
        return f"arn:aws:lambda:{self.region}:{self.account_id}:function:{self.name}"

    @property
    def actor(self) -> Actor:
        """Lambda itself, with the rights of the function's role: it polls, logs and sends records so."""
        return role_actor(self.role, self.name, self.region)


@dataclass(frozen=True)
class Invocation:
    """One call: what the runtime client gets from `GET /runtime/invocation/next`.

    Attributes:
        payload: The event, as JSON text.
        function_arn: As the caller named it, with the version or alias if one was given.
        client_context: JSON text, what mobile SDKs send.
    """

    payload: bytes
    function_arn: str
    client_context: str | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=lambda: _trace_id())


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended.

    Attributes:
        payload: The handler's result or the error object, as JSON text.
        failed: The function raised, exited, or was stopped.
        log_tail: The last 4 KB of its log.
        executed_version: The version that ran.
    """

    request_id: str
    payload: bytes
    failed: bool
    log_tail: bytes
    executed_version: str


def _trace_id() -> str:
    # Sampled=0: there is no X-Ray daemon to send segments to.
    text = uuid.uuid4().hex
    return f"Root=1-{int(time.time()):08x}-{text[:24]};Parent={text[16:]};Sampled=0"
