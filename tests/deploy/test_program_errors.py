"""What a user reads when the program itself ends with an error."""

from __future__ import annotations

import pytest

from deploy.conftest import Stack
from millpond.deploy.exceptions import DeployError


def failure(stack: Stack, program: str) -> str:
    with pytest.raises(DeployError) as caught:
        stack.up(program)
    return str(caught.value)


def test_refused_function_is_shown_where_it_was_called(stack: Stack) -> None:
    said = failure(stack, "zone = aws.route53.get_zone(name='example.com')\n")
    assert "aws:route53/getZone:getZone" in said
    assert "zone = aws.route53.get_zone(name='example.com')" in said
    assert "site-packages" not in said


def test_missing_folder_of_code_names_the_function(stack: Stack) -> None:
    said = failure(
        stack,
        """
        aws.lambda_.Function(
            "loader", role="arn:aws:iam::000000000000:role/r", runtime="python3.12",
            handler="a.b", code=pulumi.FileArchive("build/out"),
        )
        """,
    )
    assert "aws:lambda:Function 'loader': there is no file or folder" in said
    assert "declared at" in said
    assert "Traceback" not in said


def test_error_in_the_users_own_function_keeps_its_lines(stack: Stack) -> None:
    said = failure(
        stack, "def bucket_name():\n    return {}['name']\n\naws.s3.Bucket('raw', bucket=bucket_name())\n"
    )
    assert "in bucket_name" in said
    assert "KeyError: 'name'" in said
    assert "runpy" not in said


def test_cause_of_an_error_is_told_too(stack: Stack) -> None:
    said = failure(
        stack,
        """
        try:
            int("twelve")
        except ValueError as error:
            raise RuntimeError("the setting is wrong") from error
        """,
    )
    assert "ValueError" in said
    assert "RuntimeError: the setting is wrong" in said
