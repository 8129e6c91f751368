"""Delivery streams to S3."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar

from millpond.deploy.exceptions import CloudError
from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations, Settling
from millpond.deploy.providers.aws.declaration import Inputs, Naming
from millpond.deploy.providers.aws.mapping import member
from millpond.deploy.providers.aws.tagging import Tagging

_DESTINATION = "extended_s3"


class FirehoseDeliveryStream(CrudResource):
    """A delivery stream; its id is its ARN. Destinations other than S3 are refused."""

    type = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
    service = "firehose"
    operations = Operations(
        "CreateDeliveryStream", "DescribeDeliveryStream", "DeleteDeliveryStream", "UpdateDestination"
    )
    properties = frozenset(
        {
            "destination",
            "extendedS3Configuration",
            "kinesisSourceConfiguration",
            "name",
            "serverSideEncryption",
        }
    )
    replaces = frozenset({"destination", "kinesisSourceConfiguration", "name"})
    naming = Naming("name", longest=64)
    tagged = True
    tagging = Tagging("TagDeliveryStream", "UntagDeliveryStream", "DeliveryStreamName", "name")
    key: ClassVar = {"DeliveryStreamName": "name"}
    renames: ClassVar = {
        "DeliveryStreamName": "name",
        "ExtendedS3DestinationConfiguration": "extendedS3Configuration",
        "KinesisStreamSourceConfiguration": "kinesisSourceConfiguration",
        "DeliveryStreamEncryptionConfigurationInput": "serverSideEncryption",
    }
    outputs: ClassVar = {
        "arn": "DeliveryStreamDescription.DeliveryStreamARN",
        "destinationId": "DeliveryStreamDescription.Destinations[0].DestinationId",
        "versionId": "DeliveryStreamDescription.VersionId",
    }
    volatile = frozenset({"versionId"})
    settling = Settling("DeliveryStreamDescription.DeliveryStreamStatus", gone=frozenset({"DELETING"}))

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        given: dict[str, Any] = {"name": inputs["name"], "extendedS3Configuration": self._destination(inputs)}
        given["deliveryStreamType"] = "DirectPut"
        if "kinesisSourceConfiguration" in inputs:
            given["deliveryStreamType"] = "KinesisStreamAsSource"
            given["kinesisSourceConfiguration"] = inputs["kinesisSourceConfiguration"]
        if encryption := _encryption(inputs):
            given["serverSideEncryption"] = encryption
        return given

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        firehose = api.client("firehose")
        found = self.answer(api, id_, new)["DeliveryStreamDescription"]
        parameter = "ExtendedS3DestinationUpdate"
        firehose.update_destination(
            DeliveryStreamName=new["name"],
            CurrentDeliveryStreamVersionId=found["VersionId"],
            DestinationId=found["Destinations"][0]["DestinationId"],
            **{parameter: member(firehose, "UpdateDestination", parameter, self._destination(new))},
        )
        before, after = _encryption(old), _encryption(new)
        if after and after != before:
            value = member(
                firehose,
                "StartDeliveryStreamEncryption",
                "DeliveryStreamEncryptionConfigurationInput",
                after,
            )
            firehose.start_delivery_stream_encryption(
                DeliveryStreamName=new["name"], DeliveryStreamEncryptionConfigurationInput=value
            )
        elif before and not after:
            firehose.stop_delivery_stream_encryption(DeliveryStreamName=new["name"])

    def _formatted(self, api: Api, inputs: Inputs) -> str:
        return api.arn("firehose", f"deliverystream/{inputs['name']}")

    def _destination(self, inputs: Inputs) -> dict[str, Any]:
        if inputs["destination"] != _DESTINATION or "extendedS3Configuration" not in inputs:
            raise CloudError(
                f"the destination '{inputs['destination']}' of a delivery stream is not supported by the "
                f"embedded engine; '{_DESTINATION}' with its configuration is"
            )
        return _s3({"s3BackupMode": "Disabled", **inputs["extendedS3Configuration"]})


def _s3(given: Inputs) -> dict[str, Any]:
    """A destination as the API nests it: hints, keys and retries are objects of their own."""
    content = dict(given)
    content["bufferingHints"] = {
        "sizeInMBs": content.pop("bufferingSize", 5),
        "intervalInSeconds": content.pop("bufferingInterval", 300),
    }
    content.setdefault("compressionFormat", "UNCOMPRESSED")
    if key := content.pop("kmsKeyArn", None):
        content["encryptionConfiguration"] = {"kMSEncryptionConfig": {"aWSKMSKeyARN": key}}
    if "s3BackupConfiguration" in content:
        content["s3BackupConfiguration"] = _s3(content["s3BackupConfiguration"])
    if partitioning := content.get("dynamicPartitioningConfiguration"):
        content["dynamicPartitioningConfiguration"] = {
            "enabled": partitioning.get("enabled", False),
            "retryOptions": {"durationInSeconds": partitioning.get("retryDuration", 300)},
        }
    if conversion := content.get("dataFormatConversionConfiguration"):
        content["dataFormatConversionConfiguration"] = {"enabled": True, **conversion}
    return content


def _encryption(inputs: Inputs) -> dict[str, Any]:
    given = inputs.get("serverSideEncryption") or {}
    if not given.get("enabled"):
        return {}
    key = {"keyARN": given["keyArn"]} if "keyArn" in given else {}
    return {"keyType": given.get("keyType", "AWS_OWNED_CMK"), **key}
