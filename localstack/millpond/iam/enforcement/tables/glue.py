"""AWS Glue: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html.

Whoever touches a table needs the right on the catalog, the database and the table:
https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
What lists tables or databases needs it on all of them (`table/sales/*`).
"""

from __future__ import annotations

from millpond.iam.enforcement.rules import ServiceTable, needing, on, own, passing

_GLUE = "arn:{$partition}:glue:{$region}:{$account}:"
_CATALOG = _GLUE + "catalog"
_DATABASE = _GLUE + "database/{DatabaseName}"
_TABLE = _GLUE + "table/{DatabaseName}/{TableName}"
_TABLE_BY_NAME = _GLUE + "table/{DatabaseName}/{Name|TableInput.Name}"
_FUNCTION = _GLUE + "userDefinedFunction/{DatabaseName}/{FunctionName|FunctionInput.FunctionName}"
_SCHEMA = _GLUE + "schema/{SchemaId.SchemaArn|SchemaId.SchemaName|SchemaName}"
_REGISTRY = (
    _GLUE + "registry/{RegistryId.RegistryArn|RegistryId.RegistryName|SchemaId.RegistryName|RegistryName}"
)
_CRAWLER = _GLUE + "crawler/{Name|CrawlerName|CrawlerNames}"
_JOB = _GLUE + "job/{JobName|Name|JobNames}"
_SESSION = _GLUE + "session/{SessionId|Id}"
_SERVICE = "glue.amazonaws.com"

GLUE = ServiceTable(
    "glue",
    # The Data Catalog
    on(
        "GetCatalogImportStatus GetDataCatalogEncryptionSettings GetResourcePolicies ImportCatalogToGlue "
        "PutDataCatalogEncryptionSettings GetCatalog GetCatalogs DeleteCatalog UpdateCatalog",
        _CATALOG,
    ),
    on("CreateCatalog", _CATALOG, _GLUE + "catalog/{Name}"),
    on("GetResourcePolicy PutResourcePolicy DeleteResourcePolicy", "{ResourceArn?}", _CATALOG),
    on("CreateDatabase", _CATALOG, _GLUE + "database/{DatabaseInput.Name}"),
    on("GetDatabase UpdateDatabase", _CATALOG, _GLUE + "database/{Name}"),
    on("GetDatabases", _CATALOG, _GLUE + "database/*"),
    on(
        "DeleteDatabase",
        _CATALOG,
        _GLUE + "database/{Name}",
        _GLUE + "table/{Name}/*",
        _GLUE + "userDefinedFunction/{Name}/*",
    ),
    on("CreateTable UpdateTable DeleteTable GetTable", _CATALOG, _DATABASE, _TABLE_BY_NAME),
    on("GetTables", _CATALOG, _DATABASE, _GLUE + "table/{DatabaseName}/*"),
    on("BatchDeleteTable", _CATALOG, _DATABASE, _GLUE + "table/{DatabaseName}/{TablesToDelete}"),
    on("SearchTables", _CATALOG, _GLUE + "database/*", _GLUE + "table/*/*"),
    on(
        "BatchCreatePartition BatchDeletePartition BatchDeleteTableVersion BatchGetPartition "
        "BatchUpdatePartition CreatePartition CreatePartitionIndex DeleteColumnStatisticsForPartition "
        "DeleteColumnStatisticsForTable DeletePartition DeletePartitionIndex DeleteTableVersion "
        "GetColumnStatisticsForPartition GetColumnStatisticsForTable GetPartition GetPartitionIndexes "
        "GetPartitions GetTableVersion GetTableVersions UpdateColumnStatisticsForPartition "
        "UpdateColumnStatisticsForTable UpdatePartition CreateColumnStatisticsTaskSettings "
        "CreateTableOptimizer DeleteColumnStatisticsTaskSettings DeleteTableOptimizer GetTableOptimizer "
        "ListTableOptimizerRuns StartColumnStatisticsTaskRunSchedule StopColumnStatisticsTaskRun "
        "StopColumnStatisticsTaskRunSchedule UpdateColumnStatisticsTaskSettings UpdateTableOptimizer",
        _CATALOG,
        _DATABASE,
        _TABLE,
    ),
    on(
        "BatchGetTableOptimizer",
        _CATALOG,
        _GLUE + "database/{Entries[].databaseName}",
        _GLUE + "table/{Entries[].databaseName}/{Entries[].tableName}",
    ),
    needing("StartColumnStatisticsTaskRun", own(_CATALOG, _DATABASE, _TABLE), passing("Role", _SERVICE)),
    on("CreateUserDefinedFunction", _CATALOG, _DATABASE),
    on(
        "DeleteUserDefinedFunction GetUserDefinedFunction UpdateUserDefinedFunction",
        _CATALOG,
        _DATABASE,
        _FUNCTION,
    ),
    on("GetUserDefinedFunctions", _CATALOG, _DATABASE, _GLUE + "userDefinedFunction/{DatabaseName}/*"),
    # Connections and schemas
    on("CreateConnection", _CATALOG),
    on("DeleteConnection", _CATALOG, _GLUE + "connection/{ConnectionName}"),
    on("BatchDeleteConnection", _CATALOG, _GLUE + "connection/{ConnectionNameList}"),
    on("GetConnection UpdateConnection", _CATALOG, _GLUE + "connection/{Name}"),
    on("GetConnections", _CATALOG, _GLUE + "connection/*"),
    on("TestConnection", _GLUE + "connection/{ConnectionName|'*'}"),
    on("CreateRegistry DeleteRegistry GetRegistry UpdateRegistry ListSchemas", _REGISTRY),
    on(
        "CreateSchema DeleteSchema DeleteSchemaVersions GetSchema GetSchemaByDefinition "
        "GetSchemaVersionsDiff ListSchemaVersions RegisterSchemaVersion UpdateSchema",
        _REGISTRY,
        _SCHEMA,
    ),
    on(
        "GetSchemaVersion PutSchemaVersionMetadata QuerySchemaVersionMetadata RemoveSchemaVersionMetadata",
        _REGISTRY,
        _SCHEMA,
    ),
    # Crawlers, jobs, triggers, workflows
    on("BatchGetCrawlers DeleteCrawler GetCrawler ListCrawls StartCrawler StopCrawler", _CRAWLER),
    needing("CreateCrawler", own(), passing("Role", _SERVICE)),
    needing("UpdateCrawler", own(_CRAWLER), passing("Role", _SERVICE)),
    on(
        "BatchGetJobs BatchStopJobRun DeleteJob GetJob GetJobRun GetJobRuns GetJobUpgradeAnalysis "
        "StartJobRun StartJobUpgradeAnalysis StopJobUpgradeAnalysis UpdateJobFromSourceControl "
        "UpdateSourceControlFromJob GetSystemLogsForJobRun",
        _JOB,
    ),
    needing("CreateJob", own(_JOB), passing("Role", _SERVICE)),
    needing("UpdateJob", own(_JOB), passing("JobUpdate.Role", _SERVICE)),
    on(
        "BatchGetTriggers CreateTrigger DeleteTrigger GetTrigger StartTrigger StopTrigger UpdateTrigger",
        _GLUE + "trigger/{Name|TriggerNames}",
    ),
    on(
        "BatchGetWorkflows CreateWorkflow DeleteWorkflow GetWorkflow GetWorkflowRun "
        "GetWorkflowRunProperties GetWorkflowRuns PutWorkflowRunProperties ResumeWorkflowRun "
        "StartWorkflowRun StopWorkflowRun UpdateWorkflow",
        _GLUE + "workflow/{Name|Names}",
    ),
    on(
        "BatchGetBlueprints CreateBlueprint DeleteBlueprint GetBlueprint GetBlueprintRun GetBlueprintRuns "
        "UpdateBlueprint",
        _GLUE + "blueprint/{Name|BlueprintName|Names}",
    ),
    needing("StartBlueprintRun", own(_GLUE + "blueprint/{BlueprintName}"), passing("RoleArn", _SERVICE)),
    # Sessions, endpoints, transforms, data quality
    needing("CreateSession", own(_SESSION), passing("Role", _SERVICE)),
    on(
        "CancelStatement DeleteSession GetSession GetSessionEndpoint GetStatement "
        "GetSystemLogsForSession ListStatements RunStatement StopSession",
        _SESSION,
    ),
    needing("CreateDevEndpoint", own(), passing("RoleArn", _SERVICE)),
    on(
        "BatchGetDevEndpoints DeleteDevEndpoint GetDevEndpoint UpdateDevEndpoint",
        _GLUE + "devEndpoint/{EndpointName|DevEndpointNames}",
    ),
    needing("CreateMLTransform", own(), passing("Role", _SERVICE)),
    needing("UpdateMLTransform", own(_GLUE + "mlTransform/{TransformId}"), passing("Role", _SERVICE)),
    on(
        "CancelMLTaskRun DeleteMLTransform GetMLTaskRun GetMLTaskRuns GetMLTransform GetMLTransforms "
        "ListMLTransforms StartExportLabelsTaskRun StartImportLabelsTaskRun StartMLEvaluationTaskRun "
        "StartMLLabelingSetGenerationTaskRun",
        _GLUE + "mlTransform/{TransformId}",
    ),
    on(
        "DeleteDataQualityRuleset GetDataQualityRuleset UpdateDataQualityRuleset ListDataQualityRulesets "
        "CancelDataQualityRuleRecommendationRun CancelDataQualityRulesetEvaluationRun GetDataQualityResult "
        "GetDataQualityRuleRecommendationRun GetDataQualityRulesetEvaluationRun ListDataQualityResults "
        "ListDataQualityRuleRecommendationRuns ListDataQualityRulesetEvaluationRuns",
        _GLUE + "dataQualityRuleset/{Name}",
    ),
    needing(
        "StartDataQualityRuleRecommendationRun",
        own(_GLUE + "dataQualityRuleset/{CreatedRulesetName}"),
        passing("Role", _SERVICE),
    ),
    needing(
        "StartDataQualityRulesetEvaluationRun",
        own(_GLUE + "dataQualityRuleset/{RulesetNames}"),
        passing("Role", _SERVICE),
    ),
    on(
        "CreateUsageProfile DeleteUsageProfile GetUsageProfile UpdateUsageProfile",
        _GLUE + "usageProfile/{Name}",
    ),
    on("GetTags TagResource UntagResource", "{ResourceArn}"),
)
