"""Lambda on the wire: what moto lacks or answers otherwise than AWS; the other operations are moto's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from moto.awslambda.responses import LambdaResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError

from millpond.functions.aliases import described
from millpond.functions.exceptions import ConstraintsViolated, PackageTooLarge, UnsupportedFeature
from millpond.functions.names import FunctionName
from millpond.request_constraints import violations

if TYPE_CHECKING:
    from millpond.functions.service import FunctionService

REQUEST_ID_HEADER = "x-amzn-requestid"
_STATUS = {"RequestResponse": 200, "Event": 202, "DryRun": 204}
_INVOCATION_TYPE = (
    "Value '{}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: "
    "[Event, RequestResponse, DryRun]"
)
# Their members are a payload and headers, which are looked at where they are used.
_UNCHECKED = ("Invoke", "InvokeAsync", "InvokeWithResponseStream")
# Of these what AWS has and is not done here is refused by its name, with more to say than the model has.
_REFUSED_BY_NAME = ("Runtime", "CompatibleRuntimes")
# A package may be larger only when it comes from S3.
_MOST_BYTES_OF_REQUEST = 70_167_211
_MOST_BYTES_ZIPPED = 52_428_800
# The state that an update of a mapping answers, by whether it was and is enabled.
_CHANGING = {
    (True, True): "Updating",
    (True, False): "Disabling",
    (False, True): "Enabling",
    (False, False): "Disabled",
}


class FunctionResponse(LambdaResponse):
    """The API of Lambda, each request held against its own model."""

    use_raw_body = True  # a payload may be anything, and is refused for what it is

    def call_action(self) -> TYPE_RESPONSE:
        """Refuse members that the model does not allow, and tell errors as Lambda does."""
        operation = self._get_action()
        if operation and operation not in _UNCHECKED:
            if len(self.body) > _MOST_BYTES_OF_REQUEST:
                limit = f"{_MOST_BYTES_OF_REQUEST} bytes for the {operation} operation"
                return _refused(PackageTooLarge(f"Request must be smaller than {limit}"))
            members = {name: value for name, value in self._members().items() if name not in _REFUSED_BY_NAME}
            if _zipped_size(members) > _MOST_BYTES_ZIPPED:
                return _refused(
                    PackageTooLarge(f"Zipped size must be smaller than {_MOST_BYTES_ZIPPED} bytes")
                )
            if found := violations("lambda", operation, members):
                return _refused(ConstraintsViolated(found))
        try:
            self._read_function_name()
        except JsonRESTError as error:
            return _refused(error)
        status, headers, body = super().call_action()
        return status, headers, _with_fault(body, headers) if int(status) >= 400 else body

    def _members(self) -> dict[str, Any]:
        """What the request says in its path, query, headers and body."""
        self.parse_parameters(self.normalized_request)
        members, self.params = dict(self.params), {}
        # A moment: botocore's parser leaves it a text, which is no violation.
        members.pop("StartingPositionTimestamp", None)
        return members

    def _read_function_name(self) -> None:
        """Have a part of an ARN in the path read as what it stands for: moto knows names and whole ARNs."""
        before, marker, after = self.path.partition("/functions/")
        given, slash, rest = after.partition("/")
        if not marker or not given:
            return
        function = FunctionName.of_request(unquote(given), self.region, self._qualifier)
        if function is not None and not unquote(given).startswith("arn:"):
            self.path = f"{before}{marker}{function}{slash}{rest}"

    def create_function(self) -> TYPE_RESPONSE:
        """Make a function, in the region of the request."""
        FunctionName.of_request(self.json_body["FunctionName"], self.region, None)
        return super().create_function()

    def publish_version(self) -> TYPE_RESPONSE:
        """Publish what the caller has seen."""
        asked = self.json_body or {}
        published = self._service.publish_checked_version(
            self._function_name,
            asked.get("Description") or "",
            asked.get("CodeSha256"),
            asked.get("RevisionId"),
        )
        return 201, {"status": 201}, json.dumps(published.get_configuration())

    def create_alias(self) -> TYPE_RESPONSE:
        """Make an alias."""
        asked = self.json_body
        alias = self._service.create_alias(
            asked["Name"],
            self._function_name,
            asked["FunctionVersion"],
            asked.get("Description") or "",
            asked.get("RoutingConfig"),
        )
        return 201, {"status": 201}, json.dumps(described(alias))

    def get_alias(self) -> TYPE_RESPONSE:
        """An alias."""
        return 200, {}, json.dumps(described(self._service.get_alias(self._alias_name, self._function_name)))

    def update_alias(self) -> TYPE_RESPONSE:
        """Change an alias."""
        alias = self._service.change_alias(self._function_name, self._alias_name, self.json_body)
        return 200, {}, json.dumps(described(alias))

    def delete_alias(self) -> TYPE_RESPONSE:
        """Delete an alias; one that is not there is no error."""
        self._service.delete_alias(name=self._alias_name, function_name=self._function_name)
        return 204, {"status": 204}, ""

    def list_aliases(self) -> TYPE_RESPONSE:
        """The aliases of a function, or of one of its versions."""
        version = self.querystring.get("FunctionVersion", [None])[0]
        aliases = self._service.list_aliases(self._function_name)
        shown = [described(alias) for alias in aliases if version in (None, alias.function_version)]
        return 200, {}, json.dumps({"Aliases": shown})

    def put_function_event_invoke_config(self) -> TYPE_RESPONSE:  # type: ignore[override]  # moto: a result
        """Say what becomes of asynchronous invocations."""
        return self._answer(
            self._service.put_invoke_config(self._function_name, self._qualifier, self.json_body)
        )

    def update_function_event_invoke_config(self) -> TYPE_RESPONSE:  # type: ignore[override]  # moto: a text
        """Change what is said about them."""
        config = self._service.put_invoke_config(
            self._function_name, self._qualifier, self.json_body, merged=True
        )
        return self._answer(config)

    def get_function_event_invoke_config(self) -> TYPE_RESPONSE:  # type: ignore[override]  # moto: a result
        """What is said about them."""
        return self._answer(self._service.invoke_config(self._function_name, self._qualifier))

    def delete_function_event_invoke_config(self) -> TYPE_RESPONSE:
        """Forget it."""
        self._service.forget_invoke_config(self._function_name, self._qualifier)
        return 204, {"status": 204}, ""

    def list_function_event_invoke_configs(self) -> TYPE_RESPONSE:  # type: ignore[override]  # moto: a text
        """What is said about a function, its versions and aliases."""
        configs = self._service.invoke_configs(self._function_name)
        return self._answer({"FunctionEventInvokeConfigs": configs})

    def create_function_url_config(self) -> TYPE_RESPONSE:
        """Refuse an address that nothing would answer on.

        Raises:
            UnsupportedFeature: Always.
        """
        raise UnsupportedFeature("function URLs; put an HTTP API of API Gateway before the function")

    def create_event_source_mapping(self) -> TYPE_RESPONSE:
        """Make a mapping, which begins in a moment."""
        mapping = self._service.create_event_source_mapping(self.json_body)
        shown = self._service.described_mapping(mapping)
        state = "Creating" if mapping.enabled else "Disabled"
        return 202, {"status": 202}, json.dumps(shown | {"State": state})

    def get_event_source_mapping(self) -> TYPE_RESPONSE:
        """A mapping."""
        return self._answer(
            self._service.described_mapping(self._service.get_event_source_mapping(self._uuid))
        )

    def list_event_source_mappings(self) -> TYPE_RESPONSE:  # type: ignore[override]  # moto: a text
        """The mappings of a source, of a function, or all."""
        source = self.querystring.get("EventSourceArn", [None])[0]
        mappings = self._service.list_event_source_mappings(
            source, self.querystring.get("FunctionName", [None])[0]
        )
        shown = [self._service.described_mapping(mapping) for mapping in mappings]
        return self._answer({"EventSourceMappings": shown})

    def update_event_source_mapping(self) -> TYPE_RESPONSE:
        """Change a mapping, which takes a moment."""
        before = self._service.get_event_source_mapping(self._uuid).enabled
        mapping = self._service.update_event_source_mapping(self._uuid, self.json_body)
        shown = self._service.described_mapping(mapping)
        state = _CHANGING[before, mapping.enabled]
        return 202, {"status": 202}, json.dumps(shown | {"State": state})

    def delete_event_source_mapping(self) -> TYPE_RESPONSE:
        """Delete a mapping, which takes a moment."""
        mapping = self._service.delete_event_source_mapping(self._uuid)
        return (
            202,
            {"status": 202},
            json.dumps(self._service.described_mapping(mapping) | {"State": "Deleting"}),
        )

    def add_permission(self) -> TYPE_RESPONSE:  # type: ignore[override]  # moto: a text
        """Let somebody invoke a function."""
        return 201, {"status": 201}, super().add_permission()

    def tag_resource(self) -> TYPE_RESPONSE:  # type: ignore[override]  # moto: a text
        """Tag a function, a mapping or a layer."""
        super().tag_resource()
        return 204, {"status": 204}, ""

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

    @property
    def _service(self) -> FunctionService:
        return cast("FunctionService", self.backend)

    @property
    def _function_name(self) -> str:
        # An ARN's colons come encoded.
        return unquote(self.path.partition("/functions/")[2].partition("/")[0])

    @property
    def _alias_name(self) -> str:
        return unquote(self.path.rpartition("/aliases/")[2].rstrip("/"))

    @property
    def _qualifier(self) -> str | None:
        qualifier: str | None = self.querystring.get("Qualifier", [None])[0]
        return qualifier

    @property
    def _uuid(self) -> str:
        return unquote(self.path.rstrip("/").rpartition("/")[2])

    @staticmethod
    def _answer(content: dict[str, Any]) -> TYPE_RESPONSE:
        return 200, {}, json.dumps(content)

    def _invoke(self, kind: str) -> TYPE_RESPONSE:
        name = self._function_name
        if kind not in _STATUS:
            raise ConstraintsViolated([_INVOCATION_TYPE.format(kind)])
        headers = {
            header: self.headers[header]
            for header in ("X-Amz-Log-Type", "X-Amz-Client-Context")
            if header in self.headers
        }
        headers["X-Amz-Invocation-Type"] = kind
        status = _STATUS[kind]
        # moto's dispatcher reads the status from the headers.
        answer: dict[str, Any] = {"Content-Type": "application/json", "status": status}
        payload: Any = self.backend.invoke(name, self._qualifier, self.body, headers, answer)
        return status, answer, payload


def _zipped_size(members: Mapping[str, Any]) -> int:
    """The size of the package in a request for a function or a layer, 0 if it has none."""
    holder = members.get("Code") or members.get("Content") or members
    return len(holder.get("ZipFile") or b"")


def _refused(error: JsonRESTError) -> TYPE_RESPONSE:
    headers = dict(error.get_headers())
    return error.code, headers, _with_fault(error.description, headers)


def _with_fault(body: Any, headers: dict[str, Any]) -> Any:
    """An error's body with whose fault it is, its message spelled as the error's shape has it."""
    try:
        error = json.loads(body)
    except ValueError:
        return body
    kind = error.pop("__type", None)
    if kind is None or "message" not in error:
        return body
    headers.setdefault("X-Amzn-ErrorType", kind)
    message = error["message"]
    if kind == "ResourceNotFoundException":
        return json.dumps({"Message": message, "Type": "User"})
    return json.dumps({"message": message} if kind in _FAULTLESS else {"Type": "User", **error})


# Errors that come from before Lambda itself.
_FAULTLESS = ("ValidationException", "AccessDeniedException")
