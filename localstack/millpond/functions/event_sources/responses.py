"""What a function says of the items of a batch.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json


def failed_items(response: bytes, sent: list[str]) -> set[str]:
    """The identifiers in a partial batch response; all of them if the response is none."""
    content = json.loads(response)
    if content in (None, {}, [], ""):
        return set()
    failures = (content.get("batchItemFailures") or []) if isinstance(content, dict) else None
    if not isinstance(failures, list):
        return set(sent)
    identifiers = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    return set(sent) if any(i not in sent for i in identifiers) else {str(i) for i in identifiers}
