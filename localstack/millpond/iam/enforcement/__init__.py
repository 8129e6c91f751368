"""Enforces IAM: every request, and what services do for somebody, is decided by the caller's policies.

    gate ─→ requests (HTTP → call) ─→ tables (call → actions, resources, context) ─→ authorizer ─→ record
    services ──────────────────────────────────────────────────────────────────────────↗

What acts under a role gets its credentials from `service_session`; what a service does in this process, for
somebody or for itself, it asks an `Actor` for.
"""

from millpond.iam.enforcement.actor import Actor
from millpond.iam.enforcement.authorizer import Authorizer, called_by, current_caller, install, installed
from millpond.iam.enforcement.exceptions import AccessDeniedError, RoleNotAssumableError
from millpond.iam.enforcement.record import AccessRecord
from millpond.iam.enforcement.sessions import (
    RoleCredentials,
    check_trust,
    role_actor,
    service_actor,
    service_session,
)

__all__ = [
    "AccessDeniedError",
    "AccessRecord",
    "Actor",
    "Authorizer",
    "RoleCredentials",
    "RoleNotAssumableError",
    "called_by",
    "check_trust",
    "current_caller",
    "install",
    "installed",
    "role_actor",
    "service_actor",
    "service_session",
]
