"""SNS: moto's topics, with subscriptions that deliver."""

from millpond.sns.subscription import DeliveringSubscription, install

__all__ = ["DeliveringSubscription", "install"]
