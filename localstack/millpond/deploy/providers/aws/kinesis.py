"""Streams of records."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import (
    ID,
    OWN_CALLS,
    CrudResource,
    Lookup,
    Operations,
    Settling,
)
from millpond.deploy.providers.aws.declaration import Inputs, Naming
from millpond.deploy.providers.aws.firehose import FirehoseDeliveryStream
from millpond.deploy.providers.aws.tagging import Tagging


class Stream(CrudResource):
    """A stream; its id is its ARN. All but its shards and its mode is set by calls of their own."""

    type = "aws:kinesis/stream:Stream"
    service = "kinesis"
    operations = Operations("CreateStream", "DescribeStreamSummary", "DeleteStream", OWN_CALLS)
    properties = frozenset(
        {
            "encryptionType",
            "enforceConsumerDeletion",
            "kmsKeyId",
            "name",
            "retentionPeriod",
            "shardCount",
            "shardLevelMetrics",
            "streamModeDetails",
        }
    )
    replaces = frozenset({"name"})
    unsent = properties - {"name", "shardCount", "streamModeDetails"}
    naming = Naming("name", longest=128)
    tagged = True
    tags_on_create = False
    tagging = Tagging("AddTagsToStream", "RemoveTagsFromStream", "StreamName", "name")
    key: ClassVar = {"StreamName": "name"}
    renames: ClassVar = {"StreamName": "name"}
    outputs: ClassVar = {
        "arn": "StreamDescriptionSummary.StreamARN",
        "maxRecordSizeInKib": "StreamDescriptionSummary.MaxRecordSizeInKiB || `1024`",
        "shardCount": "StreamDescriptionSummary.OpenShardCount",
        "streamModeDetails": "StreamDescriptionSummary.StreamModeDetails",
    }
    settling = Settling("StreamDescriptionSummary.StreamStatus", gone=frozenset({"DELETING"}))
    defaults: ClassVar = {"retentionPeriod": 24, "encryptionType": "NONE", "shardLevelMetrics": []}

    def _formatted(self, api: Api, inputs: Inputs) -> str:
        return api.arn("kinesis", f"stream/{inputs['name']}")

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        super().complete(api, id_, inputs)
        self.change(api, id_, self._new(inputs), inputs)

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        kinesis, stream = api.client("kinesis"), {"StreamName": new["name"]}
        found = self.answer(api, id_, new)["StreamDescriptionSummary"]
        mode = (new.get("streamModeDetails") or {}).get("streamMode", "PROVISIONED")
        if found.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED") != mode:
            arn = found["StreamARN"]
            kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": mode})
        shards = new.get("shardCount")
        if mode == "PROVISIONED" and shards and shards != found["OpenShardCount"]:
            kinesis.update_shard_count(**stream, TargetShardCount=int(shards), ScalingType="UNIFORM_SCALING")
        hours, wanted = found["RetentionPeriodHours"], int(new["retentionPeriod"])
        if wanted > hours:
            kinesis.increase_stream_retention_period(**stream, RetentionPeriodHours=wanted)
        elif wanted < hours:
            kinesis.decrease_stream_retention_period(**stream, RetentionPeriodHours=wanted)
        self._encrypt(kinesis, stream, found, new)
        self._measure(kinesis, stream, old, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        force = bool(inputs.get("enforceConsumerDeletion"))
        api.client("kinesis").delete_stream(StreamName=inputs["name"], EnforceConsumerDeletion=force)
        self.await_gone(api, id_, inputs)

    def _new(self, inputs: Inputs) -> Inputs:
        """What a stream is like that was only created."""
        return {**inputs, "shardLevelMetrics": []}

    def _encrypt(self, kinesis: Any, stream: Inputs, found: Inputs, new: Inputs) -> None:
        wanted, key = new["encryptionType"], new.get("kmsKeyId", "alias/aws/kinesis")
        current = found.get("EncryptionType", "NONE")
        if wanted != "NONE" and (current, found.get("KeyId")) != (wanted, key):
            kinesis.start_stream_encryption(**stream, EncryptionType=wanted, KeyId=key)
        elif wanted == "NONE" != current:
            kinesis.stop_stream_encryption(**stream, EncryptionType=current, KeyId=found.get("KeyId"))

    def _measure(self, kinesis: Any, stream: Inputs, old: Inputs, new: Inputs) -> None:
        before, after = set(old.get("shardLevelMetrics", ())), set(new["shardLevelMetrics"])
        if removed := sorted(before - after):
            kinesis.disable_enhanced_monitoring(**stream, ShardLevelMetrics=removed)
        if added := sorted(after - before):
            kinesis.enable_enhanced_monitoring(**stream, ShardLevelMetrics=added)


class StreamConsumer(CrudResource):
    """A consumer with a throughput of its own; its id is its ARN."""

    type = "aws:kinesis/streamConsumer:StreamConsumer"
    service = "kinesis"
    operations = Operations("RegisterStreamConsumer", "DescribeStreamConsumer", "DeregisterStreamConsumer")
    properties = frozenset({"name", "streamArn"})
    replaces = properties
    naming = Naming("name", longest=128)
    tagged = True
    tags_on_create = False
    tagging = Tagging(resource="ResourceARN", by="id")
    key: ClassVar = {"ConsumerARN": ID}
    id_path = "Consumer.ConsumerARN"
    lookup = Lookup(
        "ListStreamConsumers",
        "Consumers",
        {"name": "ConsumerName"},
        "ConsumerARN",
        {"StreamARN": "streamArn"},
    )
    renames: ClassVar = {"ConsumerName": "name"}
    outputs: ClassVar = {
        "arn": "ConsumerDescription.ConsumerARN",
        "creationTimestamp": "ConsumerDescription.ConsumerCreationTimestamp",
    }
    settling = Settling("ConsumerDescription.ConsumerStatus", gone=frozenset({"DELETING"}))


RESOURCES: Final = (Stream, StreamConsumer, FirehoseDeliveryStream)
