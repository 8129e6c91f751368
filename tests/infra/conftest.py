"""The program of each stack, run once."""

from __future__ import annotations

import pytest

from pulumi_program import ACCOUNT_ID, PROJECT, Program, run_program, stack_config

__all__ = ["ACCOUNT_ID", "PROJECT", "Program", "run_program", "stack_config"]


@pytest.fixture(scope="session")
def prod() -> Program:
    return run_program("prod", stack_config("prod"))


@pytest.fixture(scope="session")
def localstack() -> Program:
    return run_program("localstack", stack_config("localstack"))


@pytest.fixture(scope="session")
def local() -> Program:
    return run_program("local", stack_config("local"))
