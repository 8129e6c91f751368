"""The addresses of SQS's API: moto's, answered by our responses."""

from __future__ import annotations

from moto.sqs import urls as moto_urls

from millpond.sqs.responses import QueueApi

__all__ = ["url_bases", "url_paths"]

url_bases = moto_urls.url_bases
url_paths = dict.fromkeys(moto_urls.url_paths, QueueApi.dispatch)
