"""The wire format of Kinesis: tags by ARN, which moto does not answer."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult
from moto.kinesis.models import kinesis_backends
from moto.kinesis.responses import KinesisResponse

from millpond.kinesis.service import StreamService


class StreamApi(KinesisResponse):
    """The operations."""

    @property
    def _service(self) -> StreamService:
        service = kinesis_backends[self.current_account][self.region]
        assert isinstance(service, StreamService)  # noqa: S101 - install() put the class there
        return service

    def create_stream(self) -> ActionResult:
        """Make a stream, with tags."""
        answer: ActionResult = super().create_stream()
        name, tags = self._get_param("StreamName"), self._get_param("Tags") or {}
        self._service.add_tags_to_stream(None, name, tags)
        return answer

    def register_stream_consumer(self) -> ActionResult:
        """Make a consumer, with tags."""
        answer: ActionResult = super().register_stream_consumer()
        stream_arn, name = self._get_param("StreamARN"), self._get_param("ConsumerName")
        made = self._service.describe_stream_consumer(stream_arn, name, "")
        self._service.tags_of(made.consumer_arn).update(self._get_param("Tags") or {})
        return answer

    def tag_resource(self) -> ActionResult:
        """Tag a stream or a consumer."""
        self._service.tags_of(self._get_param("ResourceARN")).update(self._get_param("Tags"))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Take tags away; those that are not there are none."""
        tags = self._service.tags_of(self._get_param("ResourceARN"))
        for key in self._get_param("TagKeys"):
            tags.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """The tags of a stream or a consumer."""
        tags = self._service.tags_of(self._get_param("ResourceARN"))
        return ActionResult({"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]})
