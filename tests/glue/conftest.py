"""A database of its own for each test."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def glue(cloud: Any) -> Any:
    return cloud.client("glue")


@pytest.fixture
def database(cloud: Any, glue: Any) -> str:
    name = str(cloud.unique_name("db")).replace("-", "_")
    glue.create_database(DatabaseInput={"Name": name})
    return name
