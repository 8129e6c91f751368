"""What every role was granted, used and was denied, and the tightest policy that would have done."""

from millpond.access.description import describe_access

__all__ = ["describe_access"]
