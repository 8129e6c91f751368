"""What happens to records before they are written: functions, partition keys, delimiters.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
"""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from botocore.exceptions import ClientError

from millpond.firehose.exceptions import InvalidArgument, NotDelivered
from millpond.firehose.records import DeliveryRecord, FailedRecord

_MOST_BYTES = 3 * 1024 * 1024
_PROCESSING_FAILED = "processing-failed"
_METADATA_FAILED = "metadata-extraction-failed"


class Processor(Protocol):
    """One step."""

    def process(self, records: Sequence[DeliveryRecord]) -> tuple[list[DeliveryRecord], list[FailedRecord]]:
        """What goes on, and what fails; what is in neither is dropped.

        Raises:
            NotDelivered: The step cannot be done now.
        """


@dataclass(frozen=True)
class Surroundings:
    """What processors need to know of their delivery stream.

    Attributes:
        invoke: Invokes a function by its ARN with an event, under the stream's role.
    """

    stream_arn: str
    region: str
    invoke: Callable[[str, bytes], tuple[bytes, bool]]


class FunctionProcessor:
    """Has a function look at the records, in portions."""

    def __init__(self, parameters: Mapping[str, str], around: Surroundings) -> None:
        self._arn = parameters["LambdaArn"]
        self._portion = int(float(parameters.get("BufferSizeInMBs", "1")) * 1024 * 1024)
        self._tries = int(parameters.get("NumberOfRetries", "3")) + 1
        self._around = around

    def process(self, records: Sequence[DeliveryRecord]) -> tuple[list[DeliveryRecord], list[FailedRecord]]:
        """See `Processor`."""
        passed: list[DeliveryRecord] = []
        failed: list[FailedRecord] = []
        for portion in self._portions(records):
            answers = self._ask(portion)
            for record in portion:
                outcome = self._outcome(record, answers)
                if isinstance(outcome, FailedRecord):
                    failed.append(outcome)
                elif outcome is not None:
                    passed.append(outcome)
        return passed, failed

    def _portions(self, records: Sequence[DeliveryRecord]) -> Iterator[list[DeliveryRecord]]:
        portion: list[DeliveryRecord] = []
        size, most = 0, min(self._portion, _MOST_BYTES)
        for record in records:
            if portion and size + len(record.data) > most:
                yield portion
                portion, size = [], 0
            portion.append(record)
            size += len(record.data)
        if portion:
            yield portion

    def _ask(self, records: Sequence[DeliveryRecord]) -> dict[str, dict[str, Any]] | _NoAnswer:
        """What the function says of each record, or why it says nothing."""
        event = {
            "invocationId": str(uuid.uuid4()),
            "deliveryStreamArn": self._around.stream_arn,
            "region": self._around.region,
            "records": [
                {
                    "recordId": record.id,
                    "approximateArrivalTimestamp": int(record.arrived_at.timestamp() * 1000),
                    "data": base64.b64encode(record.data).decode(),
                }
                for record in records
            ],
        }
        payload = json.dumps(event).encode()
        answer = b""
        for _ in range(self._tries):
            try:
                answer, is_error = self._around.invoke(self._arn, payload)
            except ClientError as error:
                raise NotDelivered(f"{self._arn}: {error}") from error
            if not is_error:
                return _answers(answer)
        code = "Lambda.FunctionTimedOut" if b"Sandbox.Timedout" in answer else "Lambda.FunctionError"
        return _NoAnswer(code, self._tries)

    def _outcome(
        self, record: DeliveryRecord, answers: dict[str, dict[str, Any]] | _NoAnswer
    ) -> DeliveryRecord | FailedRecord | None:
        if isinstance(answers, _NoAnswer):
            return self._failed(record, answers.code, attempts=answers.attempts)
        answer = answers.get(record.id)
        if answer is None:
            return self._failed(record, "Lambda.MissingRecordId")
        result = answer.get("result")
        if result == "Dropped":
            return None
        if result != "Ok":
            return self._failed(record, "Lambda.ProcessingFailedStatus")
        try:
            data = base64.b64decode(answer.get("data") or "", validate=True)
        except (binascii.Error, TypeError):
            return self._failed(record, "Lambda.JsonProcessingException")
        keys = (answer.get("metadata") or {}).get("partitionKeys") or {}
        return replace(record, data=data, keys={**record.keys, **keys})

    def _failed(self, record: DeliveryRecord, code: str, attempts: int = 1) -> FailedRecord:
        source = {"lambdaARN": self._arn}
        return FailedRecord(record, _PROCESSING_FAILED, code, _FUNCTION_ERRORS[code], source, attempts)


@dataclass(frozen=True)
class _NoAnswer:
    """A function that was asked so often, and has said nothing of the records."""

    code: str
    attempts: int


# https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
_FUNCTION_ERRORS = {
    "Lambda.FunctionError": ("The Lambda function was successfully invoked but it returned an error result."),
    "Lambda.FunctionTimedOut": (
        "The Lambda function timed out. Increase the Timeout setting in the Lambda function."
    ),
    "Lambda.JsonProcessingException": (
        "There was an error parsing returned records from the Lambda function. Ensure that the returned "
        "records follow the status model required by Kinesis Data Firehose."
    ),
    "Lambda.MissingRecordId": (
        "One or more record Ids were missing. "
        "Ensure that the Lambda function returns all received record Ids."
    ),
    "Lambda.ProcessingFailedStatus": "ProcessingFailed status set for record",
}


class MetadataExtraction:
    """Takes partition keys out of JSON records by plain paths: `{customer:.customer.id,day:.day}`."""

    _QUERY = re.compile(r'\s*"?(\w+)"?\s*:\s*((?:\.\w+|\.?\["[^"]+"\]|\[\d+\])+)\s*')

    def __init__(self, parameters: Mapping[str, str]) -> None:
        query = parameters.get("MetadataExtractionQuery", "").strip()
        parts = query.removeprefix("{").removesuffix("}").split(",")
        matches = [self._QUERY.fullmatch(part) for part in parts]
        if not query.startswith("{") or not all(matches):
            raise InvalidArgument(
                "The local cloud reads plain paths in MetadataExtractionQuery, such as {id:.user.id}, "
                f"and not {query}"
            )
        steps = re.compile(r'\w+|"[^"]+"')
        self._paths = {m[1]: [step.strip('"') for step in steps.findall(m[2])] for m in matches if m}

    def process(self, records: Sequence[DeliveryRecord]) -> tuple[list[DeliveryRecord], list[FailedRecord]]:
        """See `Processor`."""
        passed: list[DeliveryRecord] = []
        failed: list[FailedRecord] = []
        for record in records:
            try:
                document = json.loads(record.data)
                keys = {name: _at(document, path) for name, path in self._paths.items()}
            except (ValueError, LookupError, TypeError) as error:
                message = f"Partition key could not be extracted: {type(error).__name__} {error}"
                failed.append(
                    FailedRecord(record, _METADATA_FAILED, "MetadataExtraction.JqProcessingError", message)
                )
            else:
                passed.append(replace(record, keys={**record.keys, **keys}))
        return passed, failed


class AppendDelimiter:
    """Ends every record with a delimiter, a line break unless another is given."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._delimiter = codecs.decode(parameters.get("Delimiter", "\\n"), "unicode_escape").encode()

    def process(self, records: Sequence[DeliveryRecord]) -> tuple[list[DeliveryRecord], list[FailedRecord]]:
        """See `Processor`."""
        return [replace(record, data=record.data + self._delimiter) for record in records], []


class Deaggregation:
    """Takes records apart that hold several JSON documents, or several pieces with a delimiter between."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._kind = parameters.get("SubRecordType")
        self._delimiter = base64.b64decode(parameters.get("Delimiter", "")) or b"\n"
        if self._kind not in ("JSON", "DELIMITED"):
            raise InvalidArgument(f"RecordDeAggregation does not know the SubRecordType {self._kind}.")

    def process(self, records: Sequence[DeliveryRecord]) -> tuple[list[DeliveryRecord], list[FailedRecord]]:
        """See `Processor`."""
        passed: list[DeliveryRecord] = []
        failed: list[FailedRecord] = []
        for record in records:
            try:
                pieces = self._pieces(record.data)
            except ValueError as error:
                code = "RecordDeAggregation.InvalidJson"
                failed.append(FailedRecord(record, _PROCESSING_FAILED, code, str(error)))
            else:
                passed += [replace(record, data=piece, id=uuid.uuid4().hex) for piece in pieces]
        return passed, failed

    def _pieces(self, data: bytes) -> list[bytes]:
        if self._kind == "DELIMITED":
            return [piece for piece in data.split(self._delimiter) if piece]
        return [json.dumps(document, separators=(",", ":")).encode() for document in documents(data)]


def documents(data: bytes) -> list[Any]:
    """The JSON documents that stand one after another in a record.

    Raises:
        ValueError: Something in between is no JSON.
    """
    text, position, found = data.decode(), 0, []
    decoder = json.JSONDecoder()
    while (position := _skip_space(text, position)) < len(text):
        document, position = decoder.raw_decode(text, position)
        found += document if isinstance(document, list) else [document]
    return found


def processors_of(configuration: Mapping[str, Any] | None, around: Surroundings) -> list[Processor]:
    """The steps of a destination's `ProcessingConfiguration`, in their order.

    Raises:
        InvalidArgument: One of them is not valid, or not done here.
    """
    if not configuration or not configuration.get("Enabled"):
        return []
    made: list[Processor] = []
    for processor in configuration.get("Processors") or ():
        kind = processor["Type"]
        given = {item["ParameterName"]: item["ParameterValue"] for item in processor.get("Parameters") or ()}
        if kind == "Lambda":
            if "LambdaArn" not in given:
                raise InvalidArgument("A processor of type Lambda must have the parameter LambdaArn.")
            made.append(FunctionProcessor(given, around))
        elif kind in _PLAIN:
            made.append(_PLAIN[kind](given))
        else:
            raise InvalidArgument(f"The local cloud does not support processors of type {kind}.")
    return made


_PLAIN: dict[str, Callable[[Mapping[str, str]], Processor]] = {
    "AppendDelimiterToRecord": AppendDelimiter,
    "MetadataExtraction": MetadataExtraction,
    "RecordDeAggregation": Deaggregation,
}


def _answers(payload: bytes) -> dict[str, dict[str, Any]] | _NoAnswer:
    try:
        return {answer["recordId"]: answer for answer in json.loads(payload)["records"]}
    except (ValueError, KeyError, TypeError):
        return _NoAnswer("Lambda.JsonProcessingException", 1)


def _at(document: Any, path: Sequence[str]) -> str:
    for step in path:
        document = document[int(step) if isinstance(document, list) else step]
    if isinstance(document, dict | list) or document is None:
        raise TypeError(".".join(path))
    return json.dumps(document) if isinstance(document, bool) else str(document)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
