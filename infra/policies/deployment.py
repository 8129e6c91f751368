"""What the pipeline that deploys an environment may do: make, change and remove what the program declares.

It may make roles, but only below the environment's boundary; and it may change neither the boundary nor its
own rights. So nobody who can merge a change can gain more than the boundary gives.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.naming import Naming
from infra.policies.document import Statement
from infra.policies.identity import pass_roles

_BUCKETS = (
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
)
_SCRIPTS = (
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:PutObjectTagging",
)
_KEYS = (
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKeyRotation",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
_CATALOG = (
    "glue:CreateDatabase",
    "glue:CreateTable",
    "glue:DeleteDatabase",
    "glue:DeleteTable",
    "glue:GetDatabase",
    "glue:GetPartitionIndexes",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdateDatabase",
    "glue:UpdateTable",
)
_CATALOG_SETTINGS = ("glue:GetDataCatalogEncryptionSettings", "glue:PutDataCatalogEncryptionSettings")
_GLUE_RUNS = (
    "glue:CreateJob",
    "glue:CreateTrigger",
    "glue:CreateWorkflow",
    "glue:DeleteCrawler",
    "glue:DeleteJob",
    "glue:DeleteTrigger",
    "glue:DeleteWorkflow",
    "glue:GetCrawler",
    "glue:GetJob",
    "glue:GetTags",
    "glue:GetTrigger",
    "glue:GetWorkflow",
    "glue:StartTrigger",
    "glue:StopTrigger",
    "glue:TagResource",
    "glue:UntagResource",
    "glue:UpdateCrawler",
    "glue:UpdateJob",
    "glue:UpdateTrigger",
    "glue:UpdateWorkflow",
)
_WORKGROUPS = (
    "athena:CreateNamedQuery",
    "athena:CreateWorkGroup",
    "athena:DeleteNamedQuery",
    "athena:DeleteWorkGroup",
    "athena:GetNamedQuery",
    "athena:GetWorkGroup",
    "athena:ListTagsForResource",
    "athena:TagResource",
    "athena:UntagResource",
    "athena:UpdateWorkGroup",
)
_FUNCTIONS = (
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:DeleteFunctionConcurrency",
    "lambda:GetFunction",
    "lambda:GetFunctionCodeSigningConfig",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "lambda:ListTags",
    "lambda:ListVersionsByFunction",
    "lambda:PutFunctionConcurrency",
    "lambda:RemovePermission",
    "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
)
_EVENT_SOURCES = (
    "lambda:DeleteEventSourceMapping",
    "lambda:GetEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
)
_QUEUES = (
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)
_STREAMS = (
    "kinesis:AddTagsToStream",
    "kinesis:CreateStream",
    "kinesis:DeleteStream",
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:IncreaseStreamRetentionPeriod",
    "kinesis:DecreaseStreamRetentionPeriod",
    "kinesis:ListTagsForResource",
    "kinesis:ListTagsForStream",
    "kinesis:RemoveTagsFromStream",
    "kinesis:StartStreamEncryption",
    "kinesis:StopStreamEncryption",
)
_DELIVERIES = (
    "firehose:CreateDeliveryStream",
    "firehose:DeleteDeliveryStream",
    "firehose:DescribeDeliveryStream",
    "firehose:ListTagsForDeliveryStream",
    "firehose:TagDeliveryStream",
    "firehose:UntagDeliveryStream",
    "firehose:UpdateDestination",
)
_APIS = ("apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT")
_MACHINES = (
    "states:CreateStateMachine",
    "states:DeleteStateMachine",
    "states:DescribeStateMachine",
    "states:ListStateMachineVersions",
    "states:ListTagsForResource",
    "states:TagResource",
    "states:UntagResource",
    "states:UpdateStateMachine",
)
_SCHEDULES = (
    "scheduler:CreateSchedule",
    "scheduler:CreateScheduleGroup",
    "scheduler:DeleteSchedule",
    "scheduler:DeleteScheduleGroup",
    "scheduler:GetSchedule",
    "scheduler:GetScheduleGroup",
    "scheduler:ListTagsForResource",
    "scheduler:TagResource",
    "scheduler:UntagResource",
    "scheduler:UpdateSchedule",
)
_RULES = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
)
_LOG_GROUPS = (
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:DescribeLogStreams",
    "logs:DisassociateKmsKey",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
)
_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
_ALARMS = (
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
)
_DASHBOARDS = ("cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard")
_TOPICS = (
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetSubscriptionAttributes",
    "sns:GetTopicAttributes",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:Unsubscribe",
    "sns:UntagResource",
)
_BUDGETS = (
    "budgets:ListTagsForResource",
    "budgets:ModifyBudget",
    "budgets:TagResource",
    "budgets:UntagResource",
    "budgets:ViewBudget",
)
_SEE_ROLES = (
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
)
_SEE_POLICIES = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyTags", "iam:ListPolicyVersions")
_BOUND_ROLES = (
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)
_ROLES = (
    "iam:DeleteRole",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
_RIGHTS = (
    "iam:AttachRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
)


def deployment_policies(
    naming: Naming,
    *,
    deployer: str,
    boundary: str,
    scripts_prefix: str,
    passed: Mapping[str, tuple[str, ...]],
) -> dict[str, tuple[Statement, ...]]:
    """The deployer's policies by the end of their names; one alone would be too long for IAM.

    Args:
        naming: What things are called.
        deployer: The deployer's own role.
        boundary: The name of the boundary.
        scripts_prefix: Where in artifacts the scripts of the jobs lie.
        passed: The roles that it hands to each service.
    """
    return {
        "storage": _storage(naming, scripts_prefix),
        "data": _data(naming),
        "compute": _compute(naming),
        "observability": _observability(naming),
        "identity": _identity(naming, deployer, boundary, passed),
    }


def _storage(naming: Naming, scripts_prefix: str) -> tuple[Statement, ...]:
    bucket = naming.bucket_arn(naming.bucket("*"))
    scripts = f"{naming.bucket_arn(naming.bucket('artifacts'))}/{scripts_prefix}*"
    alias = naming.arn("kms", f"alias/{naming.name('*')}")
    key = naming.arn("kms", "key/*")
    return (
        Statement("Buckets", _BUCKETS, (bucket,)),
        Statement("Scripts", _SCRIPTS, (scripts,)),
        # A key has no name before it is there: its tags say whose it is.
        Statement(
            "NewKeys",
            ("kms:CreateKey",),
            ("*",),
            condition={"StringEquals": {"aws:RequestTag/environment": naming.stack}},
        ),
        Statement("FindKeys", ("kms:ListAliases", "kms:ListKeys"), ("*",)),
        Statement(
            "Keys", _KEYS, (key,), condition={"StringEquals": {"aws:ResourceTag/environment": naming.stack}}
        ),
        Statement("Aliases", ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"), (alias,)),
        # The deployer encrypts the scripts of the jobs, and reads nothing else that is encrypted.
        Statement(
            "EncryptScripts",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (key,),
            condition={
                "StringEquals": {
                    "aws:ResourceTag/environment": naming.stack,
                    "kms:ViaService": naming.endpoint("s3"),
                }
            },
        ),
        Statement(
            "GrantKeyToServices",
            ("kms:CreateGrant",),
            (key,),
            condition={
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "StringEquals": {"aws:ResourceTag/environment": naming.stack},
            },
        ),
    )


def _data(naming: Naming) -> tuple[Statement, ...]:
    database, mine = naming.database("*"), naming.name("*")
    catalog = naming.arn("glue", "catalog")
    tables = (
        catalog,
        naming.arn("glue", f"database/{database}"),
        naming.arn("glue", f"table/{database}/*"),
    )
    runs = tuple(naming.arn("glue", f"{kind}/{mine}") for kind in ("crawler", "job", "trigger", "workflow"))
    databases = (naming.arn("glue", f"database/{database}"),)
    return (
        Statement("Catalog", _CATALOG, tables),
        Statement("CatalogSettings", _CATALOG_SETTINGS, (catalog,)),
        Statement("GlueRuns", _GLUE_RUNS, runs),
        # AWS knows no resource for it.
        Statement("NewCrawlers", ("glue:CreateCrawler",), ("*",)),
        Statement("DatabaseTags", ("glue:GetTags", "glue:TagResource", "glue:UntagResource"), databases),
        Statement("Workgroups", _WORKGROUPS, (naming.arn("athena", f"workgroup/{mine}"),)),
    )


def _compute(naming: Naming) -> tuple[Statement, ...]:
    mine = naming.name("*")
    function = naming.arn("lambda", f"function:{mine}")
    of_functions = {"ArnLike": {"lambda:FunctionArn": function}}
    layers = f"arn:{naming.partition}:lambda:{naming.region}:*:layer:*"
    api = f"arn:{naming.partition}:apigateway:{naming.region}::"
    return (
        Statement("Functions", _FUNCTIONS, (function,)),
        Statement("Layers", ("lambda:GetLayerVersion",), (layers,)),
        # An event source has a number for a name: it is known by the function that it feeds.
        Statement("NewEventSources", ("lambda:CreateEventSourceMapping",), ("*",), condition=of_functions),
        Statement(
            "EventSources",
            _EVENT_SOURCES,
            (naming.arn("lambda", "event-source-mapping:*"),),
            condition=of_functions,
        ),
        Statement("Queues", _QUEUES, (naming.arn("sqs", mine),)),
        Statement("Streams", _STREAMS, (naming.arn("kinesis", f"stream/{mine}"),)),
        Statement("Deliveries", _DELIVERIES, (naming.arn("firehose", f"deliverystream/{mine}"),)),
        # An API has no name in its ARN.
        Statement("Apis", _APIS, (f"{api}/apis", f"{api}/apis/*", f"{api}/tags/*")),
        Statement("Machines", _MACHINES, (naming.arn("states", f"stateMachine:{mine}"),)),
        Statement("CheckMachines", ("states:ValidateStateMachineDefinition",), ("*",)),
        Statement(
            "Schedules",
            _SCHEDULES,
            (
                naming.arn("scheduler", f"schedule/{mine}"),
                naming.arn("scheduler", f"schedule-group/{mine}"),
            ),
        ),
        Statement("Rules", _RULES, (naming.arn("events", f"rule/{mine}"),)),
    )


def _observability(naming: Naming) -> tuple[Statement, ...]:
    mine = naming.name("*")
    groups = tuple(
        naming.arn("logs", f"log-group:{place}/{mine}")
        for place in ("/aws/lambda", "/aws/kinesisfirehose", "/aws/apigateway", "/aws/vendedlogs/states")
    )
    dashboard = f"arn:{naming.partition}:cloudwatch::{naming.account_id}:dashboard/{mine}"
    budget = f"arn:{naming.partition}:budgets::{naming.account_id}:budget/{mine}"
    return (
        Statement("LogGroups", _LOG_GROUPS, groups),
        Statement("LogDelivery", _LOG_DELIVERY, ("*",)),
        Statement("Alarms", _ALARMS, (naming.arn("cloudwatch", f"alarm:{mine}"),)),
        Statement("Dashboards", _DASHBOARDS, (dashboard,)),
        Statement("Topics", _TOPICS, (naming.arn("sns", mine),)),
        Statement("Budgets", _BUDGETS, (budget,)),
    )


def _identity(
    naming: Naming, deployer: str, boundary: str, passed: Mapping[str, tuple[str, ...]]
) -> tuple[Statement, ...]:
    account = f"arn:{naming.partition}:iam::{naming.account_id}"
    roles, policies = (f"{account}:{kind}/{naming.name('*')}" for kind in ("role", "policy"))
    boundary_arn = f"{account}:policy/{boundary}"
    deployer_policies = f"{account}:policy/{deployer}-*"
    provider = f"{account}:oidc-provider/*"
    return (
        Statement("SeeRoles", _SEE_ROLES, (roles,)),
        Statement("SeePolicies", _SEE_POLICIES, (policies,)),
        Statement("SeeProvider", ("iam:GetOpenIDConnectProvider",), (provider,)),
        Statement(
            "BoundRoles",
            _BOUND_ROLES,
            (roles,),
            condition={"StringEquals": {"iam:PermissionsBoundary": boundary_arn}},
        ),
        Statement("Roles", _ROLES, (roles,)),
        *(
            statement
            for service, names in passed.items()
            for statement in pass_roles(naming, service, *names)
        ),
        Statement(
            "DenyOwnRights",
            _RIGHTS,
            (naming.role_arn(deployer), boundary_arn, deployer_policies),
            effect="Deny",
        ),
        Statement("DenyUnbounding", ("iam:DeleteRolePermissionsBoundary",), (roles,), effect="Deny"),
    )
