"""Parts of log groups, image repositories and clusters, as boto3 reads them."""

from __future__ import annotations

import json

from conftest import RunningCloud
from deploy.conftest import Stack

LOGS = """
group = aws.cloudwatch.LogGroup("app")
stream = aws.cloudwatch.LogStream("first", log_group_name=group.name)
errors = aws.cloudwatch.LogMetricFilter(
    "errors",
    log_group_name=group.name,
    pattern="ERROR",
    metric_transformation={"name": "Errors", "namespace": "App", "value": "1", "default_value": "0"},
)
pulumi.export("group", group.name)
pulumi.export("stream", stream.arn)
"""
IMAGES = """
images = aws.ecr.Repository("Images", image_tag_mutability="IMMUTABLE", tags={"team": "lake"})
aws.ecr.RepositoryPolicy(
    "readers",
    repository=images.name,
    policy={
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
    },
)
aws.ecr.LifecyclePolicy("old", repository=images.name, policy=json.dumps({"rules": [RULE]}))
cluster = aws.ecs.Cluster("jobs", settings=[{"name": "containerInsights", "value": "enabled"}])
pulumi.export("images", images.name)
pulumi.export("url", images.repository_url)
pulumi.export("cluster", cluster.arn)
"""
RULE = {
    "rulePriority": 1,
    "selection": {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    },
    "action": {"type": "expire"},
}


def test_streams_and_metric_filters_of_a_log_group(stack: Stack, cloud: RunningCloud) -> None:
    outputs = stack.up(LOGS).outputs
    logs, group = cloud.client("logs"), {"logGroupName": outputs["group"]}
    (stream,) = logs.describe_log_streams(**group)["logStreams"]
    assert stream["arn"] == outputs["stream"]
    (errors,) = logs.describe_metric_filters(**group)["metricFilters"]
    assert errors["filterPattern"] == "ERROR"
    assert errors["metricTransformations"] == [
        {"metricName": "Errors", "metricNamespace": "App", "metricValue": "1", "defaultValue": 0.0}
    ]
    assert stack.up().summary["unchanged"] == 3
    stack.up(LOGS.replace('pattern="ERROR"', 'pattern="FATAL"'))
    (changed,) = logs.describe_metric_filters(**group)["metricFilters"]
    assert changed["filterPattern"] == "FATAL"


def test_repositories_of_images_and_clusters(stack: Stack, cloud: RunningCloud) -> None:
    program = f"RULE = {RULE!r}\n{IMAGES}"
    outputs = stack.up(program).outputs
    ecr, name = cloud.client("ecr"), outputs["images"]
    (repository,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    assert name.startswith("images-")
    assert repository["repositoryUri"] == outputs["url"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    policy = json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])
    assert policy["Statement"][0]["Action"] == "ecr:BatchGetImage"
    rules = json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
    assert rules == [RULE]
    (cluster,) = cloud.client("ecs").describe_clusters(clusters=[outputs["cluster"]])["clusters"]
    assert cluster["status"] == "ACTIVE"
    assert stack.up().summary["unchanged"] == 4
    stack.destroy()
    assert stack.state()["resources"] == []
