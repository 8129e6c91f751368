"""S3's event notifications, as they arrive in the body of a queue's message."""

from __future__ import annotations

import json
from urllib.parse import unquote_plus

from ingest.ingestion import LandedFile


def created_files(message_body: str) -> list[LandedFile]:
    """The files that a message tells of; none for the test event that S3 sends when it is configured."""
    event = json.loads(message_body)
    return [
        file
        for record in event.get("Records", [])
        if record["eventName"].removeprefix("s3:").startswith("ObjectCreated:")
        and not (file := _file(record)).key.endswith("/")
    ]


def _file(record: dict[str, dict[str, dict[str, str]]]) -> LandedFile:
    s3 = record["s3"]
    # Keys arrive encoded as in a form: spaces as +, the rest by per cent.
    return LandedFile(s3["bucket"]["name"], unquote_plus(s3["object"]["key"]), s3["object"].get("versionId"))
