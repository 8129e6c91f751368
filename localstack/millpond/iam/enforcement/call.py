"""A call of an AWS operation, whatever protocol it came in."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from millpond.iam.evaluation import Principal


@dataclass(frozen=True)
class ServiceCall:
    """What a caller asks of a service.

    Attributes:
        service: The name that requests to the service are signed with: `s3`, `states`, `monitoring`.
        operation: As the service's API calls it.
        caller: Who asks.
        parameters: By the names of the API's documentation, as the request gives them.
        region: The region that the request is signed for.
        account: The account that the call works in.
        method: Of HTTP.
        path: Of HTTP, decoded.
        authentication: Where the signature is, as S3's `s3:authType` calls it.
        signature_version: How it was made, as `s3:signatureversion` calls it.
        signed_at: When a presigned URL was made.
    """

    service: str
    operation: str
    caller: Principal
    parameters: Mapping[str, Any] = field(default_factory=dict)
    region: str = "us-east-1"
    account: str = "000000000000"
    method: str = "POST"
    path: str = "/"
    authentication: str = ""
    signature_version: str = "AWS4-HMAC-SHA256"
    signed_at: datetime.datetime | None = None
    partition: str = "aws"
