"""A line for each request of a stage that has an access log.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""

from __future__ import annotations

import logging
import re
import time
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.logs.models import logs_backends

from millpond.apigateway.requests import ApiAnswer, ApiRequest

_log = logging.getLogger(__name__)

_VARIABLE = re.compile(r"\$context\.([\w.]+)")


def log_access(settings: dict[str, Any] | None, stage: str, request: ApiRequest, answer: ApiAnswer) -> None:
    """Write a request's line, if its stage wants one."""
    arn, template = (settings or {}).get("destinationArn"), (settings or {}).get("format")
    if not arn or not template:
        return
    values = {
        "apiId": request.api_id,
        "domainName": request.domain_name,
        "httpMethod": request.method,
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.header("user-agent"),
        "path": request.path,
        "protocol": request.protocol,
        "requestId": request.id,
        "requestTime": request.time.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": str(int(request.time.timestamp() * 1000)),
        "responseLength": str(len(answer.body)),
        "responseLatency": str(int((time.time() - request.time.timestamp()) * 1000)),
        "stage": stage,
        "status": str(answer.status),
    }
    line = _VARIABLE.sub(lambda match: values.get(match[1], "-"), template)
    _, _, _, region, account_id, _, group, *_ = arn.split(":")
    stream = f"{request.api_id}-{request.time:%Y-%m-%d}"
    logs = logs_backends[account_id][region]
    try:
        if stream not in logs.groups[group].streams:
            logs.create_log_stream(group, stream)
        logs.put_log_events(group, stream, [{"timestamp": int(time.time() * 1000), "message": line}])
    except (JsonRESTError, KeyError):
        _log.exception("A request of %s could not be logged", request.api_id)
