"""What is not executed says so: nothing reports success for work that was not done."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("start_workflow_run", {"Name": "w"}),
    ],
)
def test_what_does_not_run_is_refused_by_name(cloud, operation, arguments):
    with pytest.raises(ClientError, match="do not run yet"):
        getattr(cloud.client("glue"), operation)(**arguments)
