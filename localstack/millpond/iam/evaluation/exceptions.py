"""What can be wrong with a policy."""

from __future__ import annotations


class MalformedPolicyError(ValueError):
    """A document is no policy; the message is AWS's."""
