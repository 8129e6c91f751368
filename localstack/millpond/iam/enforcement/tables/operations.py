"""CloudWatch and its Logs, Systems Manager's parameters, DynamoDB, Budgets, Service Quotas, tags.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.rules import Arns, Row, ServiceTable, also, needing, on

_LOGS = "arn:{$partition}:logs:{$region}:{$account}:"


def _groups(*names: str) -> Arns:
    """Log groups by name or ARN; their ARN ends in `:*` where it stands in a policy for the whole group."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        prefix = f"arn:{call.partition}:logs:{call.region}:{call.account}:log-group:"
        for name in names:
            value = call.parameters.get(name)
            if value:
                given = value if isinstance(value, list) else [value]
                return tuple(
                    f"{str(one).removesuffix(':*')}:*" if str(one).startswith("arn:") else f"{prefix}{one}:*"
                    for one in given
                )
        return (f"{prefix}*:*",)

    return arns


_GROUP = _groups("logGroupName", "logGroupIdentifier", "logGroupNames", "logGroupIdentifiers")
_STREAM = _LOGS + "log-group:{logGroupName|logGroupIdentifier}:log-stream:{logStreamName}"


_DELIVERY_SOURCE = _LOGS + "delivery-source:{deliverySourceName}"

LOGS = ServiceTable(
    "logs",
    on(
        "AssociateKmsKey CreateExportTask CreateLogGroup DeleteDataProtectionPolicy DeleteLogGroup "
        "DeleteMetricFilter DeleteRetentionPolicy DeleteSubscriptionFilter DeleteTransformer "
        "DescribeLogStreams DescribeMetricFilters DescribeSubscriptionFilters DisassociateKmsKey "
        "FilterLogEvents GetDataProtectionPolicy GetLogGroupFields GetTransformer ListTagsLogGroup "
        "PutDataProtectionPolicy PutMetricFilter PutRetentionPolicy PutTransformer TagLogGroup UntagLogGroup "
        "StartQuery",
        _GROUP,
    ),
    on("CreateLogAnomalyDetector", _groups("logGroupArnList")),
    on("StartLiveTail", _groups("logGroupIdentifiers")),
    on("PutSubscriptionFilter", _GROUP, "{destinationArn?}"),
    on("CreateLogStream DeleteLogStream GetLogEvents PutLogEvents", _STREAM),
    on("PutDestination DeleteDestination PutDestinationPolicy", _LOGS + "destination:{destinationName}"),
    on("GetQueryResults", _LOGS + "log-group:*"),
    on("CreateDelivery", "{deliveryDestinationArn}", _DELIVERY_SOURCE, _LOGS + "delivery:*"),
    on("GetDelivery DeleteDelivery", _LOGS + "delivery:{id}"),
    on("PutDeliverySource GetDeliverySource", _LOGS + "delivery-source:{name}"),
    on(
        "PutDeliveryDestination GetDeliveryDestination DeleteDeliveryDestination DeleteDeliverySource",
        _LOGS + "delivery-destination:{name}",
    ),
    on(
        "PutDeliveryDestinationPolicy GetDeliveryDestinationPolicy DeleteDeliveryDestinationPolicy",
        _LOGS + "delivery-destination:{deliveryDestinationName}",
    ),
    on("ListTagsForResource TagResource UntagResource", "{resourceArn}"),
)

_CLOUDWATCH = "arn:{$partition}:cloudwatch:{$region}:{$account}:"
_ALARM = _CLOUDWATCH + "alarm:{AlarmNames|AlarmName}"
_DASHBOARD = "arn:{$partition}:cloudwatch::{$account}:dashboard/{DashboardNames|DashboardName}"

CLOUDWATCH = ServiceTable(
    "cloudwatch",
    on(
        "DeleteAlarms DescribeAlarmHistory DescribeAlarms DisableAlarmActions EnableAlarmActions "
        "PutCompositeAlarm PutMetricAlarm SetAlarmState",
        _ALARM,
    ),
    on("DeleteDashboards GetDashboard PutDashboard", _DASHBOARD),
    on("PutMetricData", keys={"cloudwatch:namespace": "Namespace"}),
    on(
        "DeleteInsightRules DisableInsightRules EnableInsightRules GetInsightRuleReport PutInsightRule",
        _CLOUDWATCH + "insight-rule/{RuleNames|RuleName}",
    ),
    on(
        "DeleteMetricStream GetMetricStream PutMetricStream StartMetricStreams StopMetricStreams",
        _CLOUDWATCH + "metric-stream/{Names|Name}",
    ),
    on("ListTagsForResource TagResource UntagResource", "{ResourceARN}"),
)


def _parameters(*names: str) -> Arns:
    """Parameters of the store: a name that begins with a slash has none in the ARN."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        for name in names:
            value = call.parameters.get(name)
            if value:
                given = value if isinstance(value, list) else [value]
                return tuple(
                    str(one)
                    if str(one).startswith("arn:")
                    else f"arn:{call.partition}:ssm:{call.region}:{call.account}:parameter/"
                    + str(one).lstrip("/").partition(":")[0]
                    for one in given
                )
        return ("*",)

    return arns


def _parameter_path(call: ServiceCall) -> tuple[str, ...]:
    """What GetParametersByPath lists: the path itself, which stands for all below it."""
    path = str(call.parameters.get("Path") or "/").strip("/")
    return (f"arn:{call.partition}:ssm:{call.region}:{call.account}:parameter/{path or '*'}",)


_SSM = "arn:{$partition}:ssm:{$region}:{$account}:"

SSM = ServiceTable(
    "ssm",
    on(
        "DeleteParameter DeleteParameters GetParameter GetParameterHistory GetParameters "
        "LabelParameterVersion PutParameter UnlabelParameterVersion",
        _parameters("Name", "Names"),
    ),
    on("GetParametersByPath", _parameter_path, keys={"ssm:Recursive": "Recursive"}),
    on(
        "AddTagsToResource ListTagsForResource RemoveTagsFromResource",
        _parameters("ResourceId"),
    ),
    on(
        "CreateDocument DeleteDocument DescribeDocument DescribeDocumentPermission GetDocument "
        "ListDocumentVersions ModifyDocumentPermission UpdateDocument UpdateDocumentDefaultVersion",
        _SSM + "document/{Name}",
    ),
)

_DYNAMODB = "arn:{$partition}:dynamodb:{$region}:{$account}:"
_TABLE = _DYNAMODB + "table/{TableName}"


def _table_arn(call: ServiceCall, named: str) -> str:
    if named.startswith("arn:"):
        return named
    return f"arn:{call.partition}:dynamodb:{call.region}:{call.account}:table/{named}"


def _tables_of_batch(call: ServiceCall) -> tuple[str, ...]:
    """The tables of BatchGetItem and BatchWriteItem are the keys of `RequestItems`."""
    return tuple(_table_arn(call, name) for name in call.parameters.get("RequestItems") or {})


def _tables_of_transaction(member: str) -> Arns:
    """The tables of a transaction's items of one kind: `Put`, `Get`, ..."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        items = call.parameters.get("TransactItems") or []
        return tuple(
            _table_arn(call, str(item[member].get("TableName", "*"))) for item in items if member in item
        )

    return arns


def _tables_of_statements(verb: str) -> Callable[[ServiceCall], tuple[str, ...]]:
    """The tables of those PartiQL statements of a call that begin with a verb."""
    before = r"\b.*?\b(?:FROM|INTO)\b" if verb != "UPDATE" else ""
    named = re.compile(rf'^\s*{verb}{before}\s+"?(?P<table>[\w.-]+)', re.IGNORECASE | re.DOTALL)

    def arns(call: ServiceCall) -> tuple[str, ...]:
        several = call.parameters.get("Statements") or call.parameters.get("TransactStatements") or []
        texts = [call.parameters.get("Statement"), *(item.get("Statement") for item in several)]
        found = (named.match(str(text or "")) for text in texts)
        return tuple(_table_arn(call, each["table"].partition(".")[0]) for each in found if each)

    return arns


def _unreadable_statements(call: ServiceCall) -> tuple[str, ...]:
    """Any table, if a call has a statement whose table cannot be told."""
    several = call.parameters.get("Statements") or call.parameters.get("TransactStatements") or []
    told = sum(len(tables(call)) for tables in _PARTIQL.values())
    return ("*",) if told < max(len(several), 1) else ()


_PARTIQL: Mapping[str, Callable[[ServiceCall], tuple[str, ...]]] = {
    f"dynamodb:PartiQL{verb.capitalize()}": _tables_of_statements(verb)
    for verb in ("SELECT", "INSERT", "UPDATE", "DELETE")
}


def _index_or_table(call: ServiceCall) -> tuple[str, ...]:
    arn = _table_arn(call, str(call.parameters.get("TableName") or "*"))
    index = call.parameters.get("IndexName")
    return (f"{arn}/index/{index}",) if index else (arn,)


_ATTRIBUTES = {"dynamodb:Select": "Select", "dynamodb:ReturnValues": "ReturnValues"}

DYNAMODB = ServiceTable(
    "dynamodb",
    on("BatchGetItem BatchWriteItem", _tables_of_batch),
    needing(
        "TransactGetItems",
        also("dynamodb:GetItem", _tables_of_transaction("Get")),
    ),
    needing(
        "TransactWriteItems",
        also("dynamodb:PutItem", _tables_of_transaction("Put")),
        also("dynamodb:UpdateItem", _tables_of_transaction("Update")),
        also("dynamodb:DeleteItem", _tables_of_transaction("Delete")),
        also("dynamodb:ConditionCheckItem", _tables_of_transaction("ConditionCheck")),
    ),
    on("DeleteItem GetItem PutItem UpdateItem", _TABLE, keys=_ATTRIBUTES),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
    needing(
        "ExecuteStatement BatchExecuteStatement ExecuteTransaction",
        *(also(action, tables) for action, tables in _PARTIQL.items()),
        *(also(action, _unreadable_statements) for action in _PARTIQL),
    ),
    on("Query Scan", _index_or_table, keys=_ATTRIBUTES),
    on(
        "CreateBackup CreateTable DeleteTable DescribeContinuousBackups "
        "DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive "
        "DisableKinesisStreamingDestination EnableKinesisStreamingDestination UpdateContinuousBackups "
        "UpdateTable UpdateTimeToLive DescribeContributorInsights UpdateContributorInsights",
        _TABLE,
    ),
    on("ExportTableToPointInTime ListExports ListImports", "{TableArn}"),
    on("ImportTable", _DYNAMODB + "table/{TableCreationParameters.TableName}"),
    on("DeleteBackup DescribeBackup", "{BackupArn}"),
    on("RestoreTableFromBackup", "{BackupArn}", _DYNAMODB + "table/{TargetTableName}"),
    on(
        "RestoreTableToPointInTime",
        _DYNAMODB + "table/{SourceTableArn|SourceTableName}",
        _DYNAMODB + "table/{TargetTableName}",
    ),
    on("DescribeExport", "{ExportArn}"),
    on("DescribeImport", "{ImportArn}"),
    on(
        "DeleteResourcePolicy GetResourcePolicy ListTagsOfResource PutResourcePolicy TagResource "
        "UntagResource",
        "{ResourceArn}",
    ),
)

_BUDGET = "arn:{$partition}:budgets::{AccountId|$account}:budget/{BudgetName|Budget.BudgetName}"
_BUDGET_ACTION = _BUDGET + "/action/{ActionId}"


def _budget_rows() -> tuple[Row, ...]:
    """Budgets have two actions, to view and to modify, beside those about budget actions and tags."""
    viewed = (
        "DescribeBudget DescribeBudgets DescribeBudgetNotificationsForAccount "
        "DescribeBudgetPerformanceHistory DescribeNotificationsForBudget DescribeSubscribersForNotification"
    )
    modified = (
        "CreateBudget CreateNotification CreateSubscriber DeleteBudget DeleteNotification DeleteSubscriber "
        "UpdateBudget UpdateNotification UpdateSubscriber"
    )
    return (
        needing(viewed, also("budgets:ViewBudget", _BUDGET)),
        needing(modified, also("budgets:ModifyBudget", _BUDGET)),
    )


BUDGETS = ServiceTable(
    "budgets",
    *_budget_rows(),
    on("DescribeBudgetActionsForBudget", _BUDGET),
    on("CreateBudgetAction", _BUDGET + "/action/*"),
    on(
        "DeleteBudgetAction DescribeBudgetAction DescribeBudgetActionHistories ExecuteBudgetAction "
        "UpdateBudgetAction",
        _BUDGET_ACTION,
    ),
    on("ListTagsForResource TagResource UntagResource", "{ResourceARN}"),
)

_QUOTA = "arn:{$partition}:servicequotas:{$region}:{$account}:{ServiceCode}/{QuotaCode}"

SERVICE_QUOTAS = ServiceTable(
    "servicequotas",
    on(
        "GetServiceQuota RequestServiceQuotaIncrease ListRequestedServiceQuotaChangeHistoryByQuota "
        "PutServiceQuotaIncreaseRequestIntoTemplate GetServiceQuotaIncreaseRequestFromTemplate",
        _QUOTA,
    ),
)

TAGGING = ServiceTable("tag")
