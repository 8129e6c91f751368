"""The process: one HTTP endpoint for every service, and its life from start to end."""

from millpond.server.cloud import LocalCloud
from millpond.server.settings import ServerSettings

__all__ = ["LocalCloud", "ServerSettings"]
