"""Every declaration fits Pulumi's SDK, and the documentation lists every declaration."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi import _types as sdk_types

from millpond.deploy.providers.aws import schema
from millpond.deploy.providers.aws.declaration import AwsResource
from millpond.deploy.providers.aws.provider import declarations
from millpond.deploy.types_table import table

DOCUMENT = Path(__file__).parents[2] / "docs" / "resource-types.md"
# The SDK warns of its own older resources while it is imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DECLARATIONS = pytest.mark.parametrize("declaration", declarations(), ids=lambda item: item.type)


def test_documentation_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == table()


@DECLARATIONS
def test_declared_properties_are_inputs_of_the_sdk(declaration: AwsResource) -> None:
    inputs = schema.inputs_class(declaration.type)
    assert inputs is not None
    assert declaration.properties <= sdk_types.input_type_types(inputs).keys()


@DECLARATIONS
def test_older_types_exist_in_the_sdk(declaration: AwsResource) -> None:
    assert all(schema.inputs_class(type_) for type_ in declaration.older_types)


@DECLARATIONS
def test_what_replaces_has_defaults_or_names_is_declared(declaration: AwsResource) -> None:
    named = {declaration.naming.property} if declaration.naming else set()
    spoken_of = declaration.replaces | declaration.defaults.keys() | declaration.documents | named
    top_level = {path.partition(".")[0] for path in spoken_of}
    assert top_level <= declaration.properties


@DECLARATIONS
def test_required_inputs_are_supported(declaration: AwsResource) -> None:
    inputs = schema.inputs_class(declaration.type)
    assert inputs is not None
    assert schema._required(inputs) <= declaration.properties


@DECLARATIONS
def test_tagged_types_are_those_that_have_tags(declaration: AwsResource) -> None:
    inputs = schema.inputs_class(declaration.type)
    assert inputs is not None
    assert declaration.tagged == ("tags" in sdk_types.input_type_types(inputs))
