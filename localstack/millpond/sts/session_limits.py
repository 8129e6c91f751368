"""How long sessions last, what they inherit, and how much may be passed along."""

from __future__ import annotations

import zlib
from typing import Final

from moto.iam.models import Role

from millpond.iam.evaluation import Principal
from millpond.iam.sessions import SESSIONS
from millpond.sts.exceptions import AccessDeniedError, ValidationError
from millpond.sts.requests import Limits

_HOUR: Final = 3600
_DEFAULT_USER_SECONDS: Final = 12 * _HOUR
# The plain text may have 2,048 characters; what AWS packs it into may be as long.
_PACKED_BYTES: Final = 2048


def user_seconds(limits: Limits, *, is_root: bool) -> int:
    """How long temporary credentials of a user, or of somebody whom he vouches for, last."""
    seconds = limits.duration_seconds or _DEFAULT_USER_SECONDS
    return min(seconds, _HOUR) if is_root else seconds


def role_seconds(limits: Limits, role: Role | None, *, chained: bool) -> int:
    """How long a session of a role lasts.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html

    Args:
        limits: What the caller asks for.
        role: The role, if there is one.
        chained: Whether the caller is a role's session himself.

    Raises:
        ValidationError: That is longer than the role, or a chain of roles, allows.
    """
    seconds = limits.duration_seconds or _HOUR
    if chained and seconds > _HOUR:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
            "chaining."
        )
    most = int(role.max_session_duration or _HOUR) if role is not None else seconds
    if seconds > most:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return seconds


def inherited(caller: Principal, limits: Limits) -> Limits:
    """What is asked for, with what goes on from the caller's session: transitive tags, source identity.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining

    Raises:
        AccessDeniedError: The caller wants to change what cannot be changed.
    """
    session = SESSIONS.get(caller.access_key_id) if caller.access_key_id else None
    if session is None:
        return limits
    transitive = {key: caller.tags[key] for key in session.transitive_tag_keys if key in caller.tags}
    again = {key.lower() for key in transitive} & {key.lower() for key in limits.tags}
    if again:
        raise AccessDeniedError(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive "
            "tag key from the calling session."
        )
    source = next(iter(caller.session.get("aws:SourceIdentity", ())), "")
    if source and limits.source_identity and source != limits.source_identity:
        raise AccessDeniedError(
            "The source identity of a session cannot be changed by the roles that it assumes."
        )
    return Limits(
        limits.duration_seconds,
        limits.policy,
        limits.policy_arns,
        {**transitive, **limits.tags},
        tuple(dict.fromkeys((*transitive, *limits.transitive_tag_keys))),
        source or limits.source_identity,
    )


def packed_size(limits: Limits) -> int | None:
    """How much of the room for policies and tags they take, in per cent; `None` when there are none.

    An estimate: AWS does not say how it packs.
    """
    if not (limits.has_policies or limits.tags):
        return None
    tags = [f"{key}={value}" for key, value in limits.tags.items()]
    packed = zlib.compress("\n".join([limits.policy, *limits.policy_arns, *tags]).encode())
    return max(1, len(packed) * 100 // _PACKED_BYTES)
