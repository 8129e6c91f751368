"""What a crawler tells EventBridge.

https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-glue.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from moto.events.models import events_backends

from millpond.glue.crawlers.changes import Added, Deleted, Updated
from millpond.glue.crawlers.crawler import CrawlRecord

_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "RUNNING": ("Started", "Crawler Started"),
    "SUCCEEDED": ("Succeeded", "Crawler Succeeded"),
    "FAILED": ("Failed", "Crawler Failed"),
    "CANCELLED": ("Failed", "Crawler Cancelled"),
}


def announce(account_id: str, region: str, record: CrawlRecord) -> None:
    """Put a crawl's state on the default event bus."""
    state, message = _STATES[record.status]
    detail = {
        "accountId": account_id,
        "crawlerName": record.crawler_name,
        "cloudWatchLogLink": f"/aws-glue/crawlers:{record.crawler_name}",
        "state": state,
        "message": record.error or message,
        "tablesCreated": str(record.changes.tables_of(Added)),
        "tablesUpdated": str(record.changes.tables_of(Updated)),
        "tablesDeleted": str(record.changes.tables_of(Deleted)),
    }
    if record.ended:
        detail |= {
            "runningTime (sec)": str(round(record.seconds)),
            "completionDate": f"{record.ended:%Y-%m-%dT%H:%M:%SZ}",
        }
    else:
        detail["startTime"] = f"{record.started:%Y-%m-%dT%H:%M:%SZ}"
    entry = {"Source": "aws.glue", "DetailType": "Glue Crawler State Change", "Detail": json.dumps(detail)}
    events_backends[account_id][region].put_events([entry])
