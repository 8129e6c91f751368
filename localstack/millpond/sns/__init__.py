"""SNS: moto's topics, which tell functions what was really published."""

from millpond.sns.subscription import FunctionSubscription, install

__all__ = ["FunctionSubscription", "install"]
