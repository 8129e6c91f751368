"""Athena, Lake Formation, Kinesis and Firehose.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslakeformation.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisfirehose.html
"""

from __future__ import annotations

from millpond.iam.enforcement.lookups import (
    key,
    results_of_query,
    workgroups_of_named_queries,
    workgroups_of_queries,
)
from millpond.iam.enforcement.rules import ServiceTable, also, needing, on, own, passing
from millpond.iam.enforcement.tables.encryption import with_stream_key

_ATHENA = "arn:{$partition}:athena:{$region}:{$account}:"

_DATA_CATALOG = _ATHENA + "datacatalog/{CatalogName|'AwsDataCatalog'}"
_GLUE = "arn:{$partition}:glue:{$region}:{$account}:"
_CATALOG = _GLUE + "catalog"
_DATABASE = _GLUE + "database/{DatabaseName}"

ATHENA = ServiceTable(
    "athena",
    on(
        "StartQueryExecution ListQueryExecutions CreateNamedQuery ListNamedQueries CreatePreparedStatement "
        "DeletePreparedStatement GetPreparedStatement ListPreparedStatements UpdatePreparedStatement "
        "BatchGetPreparedStatement",
        _ATHENA + "workgroup/{WorkGroup|WorkGroupName|'primary'}",
    ),
    on("CreateWorkGroup", _ATHENA + "workgroup/{Name}"),
    on("DeleteWorkGroup GetWorkGroup UpdateWorkGroup", _ATHENA + "workgroup/{WorkGroup}"),
    on(
        "GetQueryExecution GetQueryRuntimeStatistics StopQueryExecution BatchGetQueryExecution",
        workgroups_of_queries,
    ),
    # https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
    needing(
        "GetQueryResults GetQueryResultsStream",
        own(workgroups_of_queries),
        also("s3:GetObject", results_of_query),
    ),
    on("GetNamedQuery DeleteNamedQuery UpdateNamedQuery BatchGetNamedQuery", workgroups_of_named_queries),
    on(
        "CreateNotebook DeleteNotebook ExportNotebook GetNotebookMetadata ImportNotebook "
        "ListNotebookMetadata ListNotebookSessions UpdateNotebook UpdateNotebookMetadata "
        "CreatePresignedNotebookUrl GetCalculationExecution GetCalculationExecutionCode "
        "GetCalculationExecutionStatus ListCalculationExecutions ListSessions StartCalculationExecution "
        "StopCalculationExecution GetSession GetSessionEndpoint GetSessionStatus TerminateSession "
        "GetResourceDashboard",
        _ATHENA + "workgroup/{WorkGroup}",
    ),
    needing(
        "StartSession",
        own(_ATHENA + "workgroup/{WorkGroup}"),
        passing("ExecutionRole", "athena.amazonaws.com"),
    ),
    # https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    needing("ListDatabases", own(_DATA_CATALOG), also("glue:GetDatabases", _CATALOG, _GLUE + "database/*")),
    needing("GetDatabase", own(_DATA_CATALOG), also("glue:GetDatabase", _CATALOG, _DATABASE)),
    needing(
        "ListTableMetadata",
        own(_DATA_CATALOG),
        also("glue:GetTables", _CATALOG, _DATABASE, _GLUE + "table/{DatabaseName}/*"),
    ),
    needing(
        "GetTableMetadata",
        own(_DATA_CATALOG),
        also("glue:GetTable", _CATALOG, _DATABASE, _GLUE + "table/{DatabaseName}/{TableName}"),
    ),
    on(
        "CreateDataCatalog DeleteDataCatalog GetDataCatalog UpdateDataCatalog", _ATHENA + "datacatalog/{Name}"
    ),
    on(
        "CancelCapacityReservation CreateCapacityReservation DeleteCapacityReservation "
        "GetCapacityReservation UpdateCapacityReservation",
        _ATHENA + "capacity-reservation/{Name}",
    ),
    on("GetCapacityAssignmentConfiguration", _ATHENA + "capacity-reservation/{CapacityReservationName}"),
    on(
        "PutCapacityAssignmentConfiguration",
        _ATHENA + "capacity-reservation/{CapacityReservationName}",
        _ATHENA + "workgroup/{CapacityAssignments[].WorkGroupNames[]}",
    ),
    on("ListTagsForResource TagResource UntagResource", "{ResourceARN}"),
)

# AWS knows no resources for Lake Formation's actions; its own grants say who may do what to which table.
LAKE_FORMATION = ServiceTable(
    "lakeformation",
    needing("RegisterResource UpdateResource", own(), passing("RoleArn", "lakeformation.amazonaws.com")),
)

_KINESIS = "arn:{$partition}:kinesis:{$region}:{$account}:"
_STREAM = _KINESIS + "stream/{StreamARN|StreamName}"
_CONSUMER = "{ConsumerARN|StreamARN}"

KINESIS = ServiceTable(
    "kinesis",
    on(
        "AddTagsToStream CreateStream DecreaseStreamRetentionPeriod DeleteStream DescribeStream "
        "DescribeStreamSummary GetShardIterator IncreaseStreamRetentionPeriod ListShards ListStreamConsumers "
        "ListTagsForStream MergeShards RegisterStreamConsumer RemoveTagsFromStream SplitShard "
        "UpdateMaxRecordSize UpdateStreamWarmThroughput",
        _STREAM,
    ),
    needing("PutRecord PutRecords", own(_STREAM), with_stream_key("GenerateDataKey")),
    needing("GetRecords", own(_STREAM), with_stream_key("Decrypt")),
    on("DeregisterStreamConsumer DescribeStreamConsumer SubscribeToShard", _CONSUMER),
    on("StartStreamEncryption StopStreamEncryption", _STREAM, key),
    on("ListTagsForResource TagResource UntagResource", "{ResourceARN}"),
    on("DeleteResourcePolicy GetResourcePolicy PutResourcePolicy", "{ResourceARN}"),
)

_DELIVERY_STREAM = "arn:{$partition}:firehose:{$region}:{$account}:deliverystream/{DeliveryStreamName}"
_FIREHOSE_SERVICE = "firehose.amazonaws.com"

FIREHOSE = ServiceTable(
    "firehose",
    on(
        "DeleteDeliveryStream DescribeDeliveryStream ListTagsForDeliveryStream PutRecord PutRecordBatch "
        "StartDeliveryStreamEncryption StopDeliveryStreamEncryption TagDeliveryStream UntagDeliveryStream",
        _DELIVERY_STREAM,
    ),
    needing(
        "CreateDeliveryStream",
        own(_DELIVERY_STREAM),
        passing("ExtendedS3DestinationConfiguration.RoleARN", _FIREHOSE_SERVICE),
        passing("S3DestinationConfiguration.RoleARN", _FIREHOSE_SERVICE),
        passing("KinesisStreamSourceConfiguration.RoleARN", _FIREHOSE_SERVICE),
        passing("HttpEndpointDestinationConfiguration.RoleARN", _FIREHOSE_SERVICE),
        passing("IcebergDestinationConfiguration.RoleARN", _FIREHOSE_SERVICE),
    ),
    needing(
        "UpdateDestination",
        own(_DELIVERY_STREAM),
        passing("ExtendedS3DestinationUpdate.RoleARN", _FIREHOSE_SERVICE),
        passing("S3DestinationUpdate.RoleARN", _FIREHOSE_SERVICE),
    ),
)
