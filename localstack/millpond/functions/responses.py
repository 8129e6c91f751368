"""Invoke on the wire; every other operation is moto's."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from moto.awslambda.responses import LambdaResponse
from moto.core.common_types import TYPE_RESPONSE

REQUEST_ID_HEADER = "x-amzn-requestid"
_STATUS = {"Event": 202, "DryRun": 204}


class FunctionResponse(LambdaResponse):
    """The API of Lambda."""

    def invoke(self) -> TYPE_RESPONSE:
        """Invoke: the payload as it is, the rest in headers."""
        return self._invoke(self.headers.get("X-Amz-Invocation-Type") or "RequestResponse")

    def invoke_async(self) -> TYPE_RESPONSE:
        """InvokeAsync, the old way to ask for an asynchronous invocation."""
        return self._invoke("Event")

    @staticmethod
    def _enrich_response(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        """Give an answer its request id; that of an invocation is the one in the function's log."""
        of_invocation = headers.get(REQUEST_ID_HEADER)
        headers, body = LambdaResponse._enrich_response(headers, body)
        return (headers | {REQUEST_ID_HEADER: of_invocation} if of_invocation else headers), body

    def _invoke(self, kind: str) -> TYPE_RESPONSE:
        # The name may be an ARN, whose colons come encoded.
        name = unquote(self.path.rstrip("/").rsplit("/", 2)[-2])
        headers = {
            header: self.headers[header]
            for header in ("X-Amz-Log-Type", "X-Amz-Client-Context")
            if header in self.headers
        }
        headers["X-Amz-Invocation-Type"] = kind
        status = _STATUS.get(kind, 200)
        # moto's dispatcher reads the status from the headers.
        answer: dict[str, Any] = {"Content-Type": "application/json", "status": status}
        payload: Any = self.backend.invoke(
            name, self.querystring.get("Qualifier", [None])[0], self.body, headers, answer
        )
        return status, answer, payload
