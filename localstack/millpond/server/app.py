"""Routing: Millpond's own pages under `/_millpond/`, everything else to the services."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import NotFound

from millpond.access import describe_access
from millpond.apigateway import ApiServer
from millpond.iam.enforcement import Authorizer, RoleNotAssumableError, called_by
from millpond.iam.enforcement.denials import Refusal
from millpond.iam.enforcement.gate import Admission, Gate
from millpond.iam.enforcement.object_deletions import with_errors
from millpond.mwaa import worker_credentials
from millpond.server.errors import error_answer, operation_name, signing_service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

_HOSTS_KNOWN: Final = 1024


class Application:
    """The WSGI application of a local cloud.

    Args:
        health: Gives what `GET /_millpond/health` answers.
        other_endpoints: The services that are to be called elsewhere, and where.
        authorizer: Decides which requests go on, and keeps the record of that.
        apis: Answer requests for deployed APIs, which decide for themselves who may call them.
    """

    def __init__(
        self,
        health: Callable[[], dict[str, Any]],
        other_endpoints: Mapping[str, str],
        authorizer: Authorizer,
        apis: ApiServer,
    ) -> None:
        self._health = health
        self._apis = apis
        self._authorizer = authorizer
        self._gate = Gate(authorizer)
        self._other_endpoints = other_endpoints
        self._services = _Services(_service_app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; never raises."""
        if environ["PATH_INFO"].startswith("/_millpond/"):
            return self._own_page(environ, start_response)
        service = signing_service(environ)
        if service and service in self._other_endpoints:
            elsewhere = self._other_endpoints[service]
            message = f"This local cloud works over another {service}: call the one at {elsewhere}"
            return _refuse(environ, start_response, "WrongEndpoint", message)
        try:
            if self._apis.is_addressed(environ):
                return self._apis(environ, start_response)
            answer = self._serve(environ, start_response)
        except NotImplementedError as error:
            return _refuse(environ, start_response, "NotImplemented", _unsupported(environ, error))
        except Exception as error:  # the last resort: a request must never end in a page of HTML
            _log.exception("%s failed", operation_name(environ))
            message = f"The local cloud failed on {operation_name(environ)}: {type(error).__name__}: {error}"
            return _refuse(environ, start_response, "LocalCloudFailure", message)
        return answer

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let a request through to the services, if its caller may do what it asks for."""
        admitted = self._gate.admit(environ)
        if isinstance(admitted, Refusal):
            return _refused(start_response, admitted)
        with called_by(admitted.caller):
            if not admitted.may_show_absence:
                return self._serve_object(admitted, environ, start_response)
            if admitted.denied:
                return self._serve_the_rest(admitted, environ, start_response)
            answer: Iterable[bytes] = self._services(environ, start_response)
            return answer

    def _serve_the_rest(
        self, admitted: Admission, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request of which something was denied: that is told with what became of the rest."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def hold(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            begun.append((status, headers))

        answer = b"".join(self._services(environ, hold))
        status, headers = begun[0]
        if status.startswith("200"):
            answer = with_errors(answer, admitted.denied)
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(answer)))])
        return [answer]

    def _serve_object(
        self, admitted: Admission, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a read of an object; that it is not there is told to those only who may list the bucket."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def hold(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            begun.append((status, headers))

        answer: Iterable[bytes] = self._services(environ, hold)
        status, headers = begun[0]
        if status.startswith("404") and (refusal := self._gate.refusal_of_absence(admitted, environ)):
            return _refused(start_response, refusal)
        start_response(status, headers)
        return answer

    def _own_page(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; never raises."""
        if environ["PATH_INFO"] == "/_millpond/health":
            return _json(start_response, "200 OK", self._health())
        if environ["PATH_INFO"] == "/_millpond/access":
            return _json(start_response, "200 OK", describe_access(self._authorizer))
        if environ["PATH_INFO"].startswith(worker_credentials.PAGE):
            return self._credentials(environ, start_response)
        return _json(start_response, "404 Not Found", {"message": f"No such page: {environ['PATH_INFO']}"})

    def _credentials(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        role_arn = environ["PATH_INFO"].removeprefix(worker_credentials.PAGE)
        try:
            credentials = worker_credentials.worker_credentials(role_arn)
        except RoleNotAssumableError as error:
            return _json(start_response, "403 Forbidden", {"code": "AccessDenied", "message": str(error)})
        return _json(start_response, "200 OK", credentials)


def _service_app(service: Any) -> Any:
    """moto's application of a service, which says of paths that it has not what it says of operations."""
    app = create_backend_app(service)
    app.register_error_handler(NotFound, _no_such_path)
    return app


def _no_such_path(_: NotFound) -> NoReturn:
    raise NotImplementedError("there is no operation at this path")


class _Services(DomainDispatcherApplication):
    """moto's services, each found by the host that it has on AWS.

    moto looks through its folders and the hosts of all services at every request; what it finds stays true.
    """

    def __init__(self, create_app: Callable[[Any], Any]) -> None:
        super().__init__(create_app)
        self._service_at = functools.lru_cache(_HOSTS_KNOWN)(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        """The service at a host."""
        return self._service_at(host)


def _refused(start_response: StartResponse, refusal: Refusal) -> Iterable[bytes]:
    start_response(refusal.status, refusal.headers)
    return [refusal.body]


def _unsupported(environ: WSGIEnvironment, error: NotImplementedError) -> str:
    service = signing_service(environ) or "this service"
    detail = f" ({error})" if str(error) else ""
    return f"The local cloud does not support {service} {operation_name(environ)}{detail}"


def _refuse(
    environ: WSGIEnvironment, start_response: StartResponse, code: str, message: str
) -> Iterable[bytes]:
    answer = error_answer(environ, code, message)
    start_response(answer.status, answer.headers)
    return [answer.body]


def _json(start_response: StartResponse, status: str, content: dict[str, Any]) -> Iterable[bytes]:
    body = json.dumps(content).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
