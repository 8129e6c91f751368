"""The one place where a decision is taken: who asks, which policies bear on it, what comes out, noted.

The endpoint asks here before it dispatches a request (`gate`), and services ask here for what they do inside
the process on behalf of somebody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

from millpond import ACCOUNT_ID
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.exceptions import AccessDeniedError
from millpond.iam.enforcement.record import AccessRecord
from millpond.iam.enforcement.resource_policies import policy_of_resource
from millpond.iam.enforcement.resource_tags import with_resource_tags
from millpond.iam.enforcement.tables.registry import requirements
from millpond.iam.evaluation import AuthorizationRequest, Decision, PolicySet, Principal, evaluate
from millpond.iam.principals import account_root, policies_of

Context = Mapping[str, tuple[str, ...]]

_ADMINISTRATOR = account_root(ACCOUNT_ID)

_caller: ContextVar[Principal] = ContextVar("caller")


@contextlib.contextmanager
def called_by(principal: Principal) -> Iterator[None]:
    """Work off a request of this caller."""
    token = _caller.set(principal)
    try:
        yield
    finally:
        _caller.reset(token)


def current_caller() -> Principal:
    """Who sent the request that is being worked off; the account's administrator where there is none."""
    return _caller.get(_ADMINISTRATOR)


class Authorizer:
    """Decides, and keeps the record.

    Args:
        record: Where decisions are counted.
        enforced: Whether anything is decided at all; otherwise everything is allowed and nothing noted.
    """

    def __init__(self, record: AccessRecord, *, enforced: bool = True) -> None:
        self.record = record
        self.enforced = enforced

    def check(
        self,
        principal: Principal,
        action: str,
        resource: str = "*",
        context: Context | None = None,
    ) -> None:
        """Let one action on one resource pass, or not.

        Raises:
            AccessDeniedError: The policies do not allow it.
        """
        if self.enforced:
            decision = self.decide(AuthorizationRequest(principal, action, resource, context or {}))
            if not decision.allowed:
                raise AccessDeniedError(decision)

    def check_call(self, call: ServiceCall, context: Context) -> None:
        """Let a call pass if all that it needs is allowed.

        Args:
            call: The call.
            context: The condition keys that its actions have in common.

        Raises:
            AccessDeniedError: Something is not allowed; the first that is not.
        """
        denied = next(self.denials_of_call(call, context), None)
        if denied is not None:
            raise AccessDeniedError(denied)

    def denials_of_call(self, call: ServiceCall, context: Context) -> Iterator[Decision]:
        """All that a call needs and that is not allowed, one after the other.

        Args:
            call: The call.
            context: The condition keys that its actions have in common.
        """
        own = policies_of(call.caller)
        for needed in requirements(call):
            keys = {**context, **needed.context} if needed.context else context
            request = AuthorizationRequest(call.caller, needed.action, needed.resource, keys)
            decision = self._decide(request, own)
            if not decision.allowed:
                yield decision

    def decide(self, request: AuthorizationRequest, policies: PolicySet | None = None) -> Decision:
        """Evaluate a request against its caller's policies and the resource's own, and note what comes out.

        Args:
            request: What is asked.
            policies: All that bear on the request, where whoever asks knows them already.
        """
        if policies is None:
            return self._decide(request, policies_of(request.principal))
        return self._noted(evaluate(request, policies))

    def _decide(self, request: AuthorizationRequest, policies: PolicySet) -> Decision:
        """Decide by the caller's own policies, which are given, and the resource's."""
        owned = policy_of_resource(request)
        if owned is not None:
            policies = policies.with_resource(owned.policy, decides=owned.decides)
        return self._noted(evaluate(with_resource_tags(request, policies), policies))

    def _noted(self, decision: Decision) -> Decision:
        self.record.add(decision)
        return decision


_installed = Authorizer(AccessRecord(), enforced=False)


def install(authorizer: Authorizer) -> None:
    """Make this the process's authorizer, as moto's backends are the process's; before the first request."""
    global _installed
    _installed = authorizer


def installed() -> Authorizer:
    """The process's authorizer; one that allows everything until a local cloud enforces."""
    return _installed
