"""SQS: moto's queues, safe for many threads, that wake those who wait for messages."""

from millpond.sqs.queue import ConcurrentQueue
from millpond.sqs.service import QueueService, install

__all__ = ["ConcurrentQueue", "QueueService", "install"]
