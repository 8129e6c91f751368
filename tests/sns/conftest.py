"""Fixtures that make functions and queues."""

from function_factory import functions, queues

__all__ = ["functions", "queues"]
