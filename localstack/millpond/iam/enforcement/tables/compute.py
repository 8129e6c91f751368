"""Lambda, Managed Workflows for Apache Airflow, EC2's networks, container images.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmanagedworkflowsforapacheairflow.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from millpond.iam.enforcement.lookups import (
    function,
    layers_of_function,
    mapped_function,
    resources_by_id,
    route_table_of_association,
    unqualified_function,
)
from millpond.iam.enforcement.rules import ServiceTable, also, needing, on, own, passing
from millpond.iam.enforcement.tables.encryption import with_variables_key

_LAMBDA = "arn:{$partition}:lambda:{$region}:{$account}:"
_LAYER_VERSION = _LAMBDA + "layer:{LayerName}:{VersionNumber}"
_MAPPING = _LAMBDA + "event-source-mapping:{UUID}"
_SIGNING = _LAMBDA + "code-signing-config:{CodeSigningConfigArn}"
_LAMBDA_SERVICE = "lambda.amazonaws.com"

LAMBDA = ServiceTable(
    "lambda",
    needing(
        "CreateFunction",
        own(function),
        passing("Role", _LAMBDA_SERVICE),
        also("lambda:GetLayerVersion", layers_of_function),
        with_variables_key("CreateGrant"),
        with_variables_key("Encrypt"),
    ),
    needing(
        "UpdateFunctionConfiguration",
        own(function),
        passing("Role", _LAMBDA_SERVICE),
        also("lambda:GetLayerVersion", layers_of_function),
        with_variables_key("CreateGrant"),
        with_variables_key("Encrypt"),
    ),
    # Everything about versions and aliases is a right on the function, without a qualifier.
    on(
        "CreateAlias DeleteAlias GetAlias UpdateAlias ListAliases ListVersionsByFunction PublishVersion "
        "UpdateFunctionCode DeleteFunctionConcurrency GetFunctionConcurrency PutFunctionConcurrency "
        "DeleteFunctionCodeSigningConfig GetFunctionCodeSigningConfig GetFunctionRecursionConfig "
        "PutFunctionRecursionConfig GetRuntimeManagementConfig PutRuntimeManagementConfig "
        "ListFunctionEventInvokeConfigs ListFunctionUrlConfigs ListProvisionedConcurrencyConfigs "
        "CreateFunctionUrlConfig DeleteFunctionUrlConfig GetFunctionUrlConfig UpdateFunctionUrlConfig "
        "GetFunctionScalingConfig PutFunctionScalingConfig ListDurableExecutionsByFunction",
        unqualified_function,
    ),
    on(
        "DeleteFunction GetFunction GetFunctionConfiguration GetPolicy InvokeAsync "
        "DeleteFunctionEventInvokeConfig GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig "
        "UpdateFunctionEventInvokeConfig DeleteProvisionedConcurrencyConfig "
        "GetProvisionedConcurrencyConfig PutProvisionedConcurrencyConfig",
        function,
    ),
    on("AddPermission", function, keys={"lambda:Principal": "Principal"}),
    on("RemovePermission", function),
    needing("Invoke InvokeWithResponseStream", also("lambda:InvokeFunction", function)),
    needing("PutFunctionCodeSigningConfig", own(unqualified_function, _SIGNING)),
    on(
        "DeleteCodeSigningConfig GetCodeSigningConfig UpdateCodeSigningConfig "
        "ListFunctionsByCodeSigningConfig",
        _SIGNING,
    ),
    on("CreateEventSourceMapping", derived=mapped_function),
    on(
        "DeleteEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping",
        _MAPPING,
        derived=mapped_function,
    ),
    on("ListEventSourceMappings", derived=mapped_function),
    on("PublishLayerVersion", _LAMBDA + "layer:{LayerName}"),
    on(
        "AddLayerVersionPermission DeleteLayerVersion GetLayerVersion GetLayerVersionPolicy "
        "RemoveLayerVersionPermission",
        _LAYER_VERSION,
    ),
    needing("GetLayerVersionByArn", also("lambda:GetLayerVersion", "{Arn}")),
    on("ListTags TagResource UntagResource", "{Resource}"),
)
_ENVIRONMENT = "arn:{$partition}:airflow:{$region}:{$account}:environment/{Name}"
_AIRFLOW_SERVICE = "airflow.amazonaws.com"

AIRFLOW = ServiceTable(
    "airflow",
    needing("CreateEnvironment", own(_ENVIRONMENT), passing("ExecutionRoleArn", _AIRFLOW_SERVICE)),
    needing("UpdateEnvironment", own(_ENVIRONMENT), passing("ExecutionRoleArn", _AIRFLOW_SERVICE)),
    on("CreateCliToken DeleteEnvironment GetEnvironment", _ENVIRONMENT),
    on("PublishMetrics", "arn:{$partition}:airflow:{$region}:{$account}:environment/{EnvironmentName}"),
    # Which of an environment's Airflow roles the caller gets is for the policy to say.
    on(
        "CreateWebLoginToken InvokeRestApi", "arn:{$partition}:airflow:{$region}:{$account}:role/{Name}/Admin"
    ),
    on("ListTagsForResource TagResource UntagResource", "{ResourceArn}"),
)

_EC2 = "arn:{$partition}:ec2:{$region}:{$account}:"
_VPC = _EC2 + "vpc/{VpcId}"
_SUBNET = _EC2 + "subnet/{SubnetId}"
_GROUP = _EC2 + "security-group/{GroupId}"
_ROUTE_TABLE = _EC2 + "route-table/{RouteTableId}"
_GATEWAY = _EC2 + "internet-gateway/{InternetGatewayId}"
_ENDPOINTS = _EC2 + "vpc-endpoint/{VpcEndpointId|VpcEndpointIds}"

EC2 = ServiceTable(
    "ec2",
    on("CreateVpc", _EC2 + "vpc/*"),
    on("DeleteVpc ModifyVpcAttribute", _VPC),
    on("CreateSubnet", _EC2 + "subnet/*", _VPC),
    on("DeleteSubnet ModifySubnetAttribute", _SUBNET),
    on("CreateSecurityGroup", _EC2 + "security-group/*", _EC2 + "vpc/{VpcId?}"),
    on(
        "DeleteSecurityGroup AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress "
        "RevokeSecurityGroupIngress RevokeSecurityGroupEgress "
        "UpdateSecurityGroupRuleDescriptionsIngress UpdateSecurityGroupRuleDescriptionsEgress",
        _GROUP,
    ),
    on(
        "ModifySecurityGroupRules",
        _GROUP,
        _EC2 + "security-group-rule/{SecurityGroupRules[].SecurityGroupRuleId}",
    ),
    on("CreateRouteTable", _EC2 + "route-table/*", _VPC),
    on("DeleteRouteTable CreateRoute DeleteRoute ReplaceRoute", _ROUTE_TABLE),
    on("AssociateRouteTable", _ROUTE_TABLE, _EC2 + "subnet/{SubnetId?}"),
    on("DisassociateRouteTable", route_table_of_association),
    on("ReplaceRouteTableAssociation", _ROUTE_TABLE, route_table_of_association),
    on("CreateInternetGateway", _EC2 + "internet-gateway/*"),
    on("DeleteInternetGateway", _GATEWAY),
    on("AttachInternetGateway DetachInternetGateway", _GATEWAY, _VPC),
    on("AllocateAddress", _EC2 + "elastic-ip/*"),
    on("ReleaseAddress", _EC2 + "elastic-ip/{AllocationId}"),
    on("CreateNatGateway", _EC2 + "natgateway/*", _SUBNET, _EC2 + "elastic-ip/{AllocationId?}"),
    on("DeleteNatGateway", _EC2 + "natgateway/{NatGatewayId}"),
    on(
        "CreateVpcEndpoint",
        _EC2 + "vpc-endpoint/*",
        _VPC,
        _EC2 + "route-table/{RouteTableIds?}",
        _EC2 + "subnet/{SubnetIds?}",
        _EC2 + "security-group/{SecurityGroupIds?}",
    ),
    on("DeleteVpcEndpoints", _ENDPOINTS),
    on("ModifyVpcEndpoint", _ENDPOINTS),
    on("GetManagedPrefixListEntries", _EC2 + "prefix-list/{PrefixListId}"),
    on("CreateTags DeleteTags", resources_by_id),
    on("StartInstances StopInstances RebootInstances TerminateInstances", _EC2 + "instance/{InstanceIds}"),
)

_REPOSITORY = "arn:{$partition}:ecr:{$region}:{$account}:repository/{repositoryName|repositoryNames}"

ECR = ServiceTable(
    "ecr",
    on(
        "BatchCheckLayerAvailability BatchDeleteImage BatchGetImage CompleteLayerUpload CreateRepository "
        "DeleteLifecyclePolicy DeleteRepository DeleteRepositoryPolicy DescribeImageScanFindings "
        "DescribeImages DescribeRepositories GetDownloadUrlForLayer GetLifecyclePolicy "
        "GetLifecyclePolicyPreview GetRepositoryPolicy InitiateLayerUpload ListImages PutImage "
        "PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy SetRepositoryPolicy "
        "StartImageScan StartLifecyclePolicyPreview UploadLayerPart",
        _REPOSITORY,
    ),
    on("ListTagsForResource TagResource UntagResource", "{resourceArn}"),
)
