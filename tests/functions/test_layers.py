"""Layers: the user's own, and AWS's public ones by ARN."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from function_factory import Functions, zip_of

PANDAS = "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python312:16"
POWERTOOLS = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:11"


def test_published_layer_is_imported(cloud, functions: Functions) -> None:
    content = {"ZipFile": zip_of({"python/shared.py": "NAME = 'from the layer'"})}
    layer = functions.client.publish_layer_version(LayerName=cloud.unique_name("layer"), Content=content)
    source = "import shared\ndef handler(event, context): return shared.NAME"
    assert functions.run(source, Layers=[layer["LayerVersionArn"]]).value == "from the layer"


def test_own_code_hides_the_layers(cloud, functions: Functions) -> None:
    content = {"ZipFile": zip_of({"python/shared.py": "NAME = 'from the layer'"})}
    layer = functions.client.publish_layer_version(LayerName=cloud.unique_name("layer"), Content=content)
    files = {
        "app.py": "import shared\ndef handler(event, context): return shared.NAME",
        "shared.py": "NAME = 1",
    }
    name = functions.create("", Code={"ZipFile": zip_of(files)}, Layers=[layer["LayerVersionArn"]])
    assert functions.invoke(name).value == 1


def test_of_two_layers_with_the_same_module_the_last_one_is_imported(cloud, functions: Functions) -> None:
    layers = [
        functions.client.publish_layer_version(
            LayerName=cloud.unique_name("layer"),
            Content={"ZipFile": zip_of({"python/shared.py": f"NAME = '{name}'", f"python/{name}.py": ""})},
        )["LayerVersionArn"]
        for name in ("first", "last")
    ]
    source = "import shared, first, last\ndef handler(event, context): return shared.NAME"
    assert functions.run(source, Layers=layers).value == "last"


def test_layers_that_cannot_be_together_are_refused(cloud, functions: Functions) -> None:
    def publish(name: str) -> str:
        content = {"ZipFile": zip_of({"python/shared.py": ""})}
        return functions.client.publish_layer_version(LayerName=name, Content=content)["LayerVersionArn"]

    name = cloud.unique_name("layer")
    with pytest.raises(ClientError, match="Two different versions of the same layer are not allowed"):
        functions.create("", Layers=[publish(name), publish(name)])
    with pytest.raises(ClientError, match="Cannot reference more than 5 layers"):
        functions.create("", Layers=[publish(f"{name}-{number}") for number in range(6)])


def test_public_layers_are_answered_with_the_packages_installed_here(functions: Functions) -> None:
    source = """
        import awswrangler, pandas, pyarrow
        from aws_lambda_powertools import Logger, Tracer
        from aws_lambda_powertools.utilities.parser import BaseModel
        def handler(event, context):
            return pandas.DataFrame({"a": [1, 2]}).a.sum().item()
    """
    name = functions.create(source, Layers=[PANDAS, POWERTOOLS], MemorySize=1024, Timeout=60)
    assert functions.invoke(name).value == 3
    layers = functions.client.get_function_configuration(FunctionName=name)["Layers"]
    assert [layer["Arn"] for layer in layers] == [PANDAS, POWERTOOLS]


def test_without_the_layer_its_packages_are_not_there(functions: Functions) -> None:
    result = functions.run("import pandas\ndef handler(event, context): pass")
    assert result.value["errorMessage"] == "Unable to import module 'app': No module named 'pandas'"


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:lambda:us-east-1:000000000000:layer:missing:1",
        "arn:aws:lambda:us-east-1:553035198032:layer:git-lambda2:8",
    ],
)
def test_unknown_layer_is_refused_by_name(functions: Functions, arn: str) -> None:
    with pytest.raises(ClientError, match=f"Layer version {arn} does not exist here"):
        functions.create("", Layers=[arn])


def test_deleted_layer_stays_with_the_functions_that_have_it(cloud, functions: Functions) -> None:
    layer_name = cloud.unique_name("layer")
    content = {"ZipFile": zip_of({"python/shared.py": "NAME = 'from the layer'"})}
    layer = functions.client.publish_layer_version(LayerName=layer_name, Content=content)
    source = "import shared\ndef handler(event, context): return shared.NAME"
    name = functions.create(source, Layers=[layer["LayerVersionArn"]])
    functions.client.delete_layer_version(LayerName=layer_name, VersionNumber=1)
    assert functions.invoke(name).value == "from the layer"
