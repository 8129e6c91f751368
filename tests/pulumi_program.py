"""The program, run against Pulumi's own mocks, and what it asked the engine for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from infra.lakehouse import deploy
from pulumi.runtime import mocks as pulumi_mocks

PROJECT = Path(__file__).parents[1]

ACCOUNT_ID = "123456789012"


# The ARNs that become part of policies.
ARNS = {
    "bucket": "arn:aws:s3:::{}",
    "key": f"arn:aws:kms:eu-west-1:{ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "openIdConnectProvider": f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com",
    "policy": f"arn:aws:iam::{ACCOUNT_ID}:policy/{{}}",
    "role": f"arn:aws:iam::{ACCOUNT_ID}:role/{{}}",
}


@dataclass(frozen=True)
class Registration:
    """A resource as the program declared it."""

    type: str
    name: str
    parent: str
    protect: bool
    retain_on_delete: bool
    inputs: Mapping[str, Any]


@dataclass
class Program:
    """All that a run of the program declared and exported."""

    registrations: list[Registration] = field(default_factory=list)
    exports: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def of_type(self, resource_type: str) -> list[Registration]:
        return [r for r in self.registrations if r.type == resource_type]

    def one(self, resource_type: str, name: str) -> Registration:
        (found,) = [r for r in self.of_type(resource_type) if r.name == name]
        return found


class AwsAnswers(pulumi.runtime.Mocks):
    """What AWS would answer: every input comes back, with an ARN and an identifier."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        name = args.inputs.get("name") or args.inputs.get("bucket") or args.name
        service, _, kind = args.typ.split(":")[1].partition("/")
        arn = ARNS.get(kind, f"arn:aws:{service}:eu-west-1:{ACCOUNT_ID}:{{}}").format(name)
        return str(name), {"arn": arn, "url": f"https://queues.example/{name}", **args.inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        assert args.token == "aws:index/getCallerIdentity:getCallerIdentity"
        arn = f"arn:aws:iam::{ACCOUNT_ID}:user/deployer"
        return {"accountId": ACCOUNT_ID, "arn": arn, "userId": "deployer", "id": ACCOUNT_ID}, []


class RecordingMonitor(pulumi_mocks.MockMonitor):
    """Pulumi's mock monitor, which keeps the options of each resource too."""

    def __init__(self, mocks: pulumi.runtime.Mocks, program: Program) -> None:
        super().__init__(mocks)
        self._program = program

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the name is Pulumi's
        inputs = pulumi.runtime.rpc.deserialize_properties(request.object)
        if request.type != "pulumi:pulumi:Stack":
            self._program.registrations.append(
                Registration(
                    request.type,
                    request.name,
                    request.parent,
                    request.protect,
                    request.retainOnDelete,
                    inputs,
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # Pulumi's

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  the name is Pulumi's
        name = request.urn.rpartition("::")[2]
        self._program.outputs[name] = pulumi.runtime.rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]  # Pulumi's


def run_program(stack: str, config: Mapping[str, str]) -> Program:
    program = Program()
    answers = AwsAnswers()
    pulumi.runtime.set_mocks(
        answers, "millpond", stack, preview=False, monitor=RecordingMonitor(answers, program)
    )
    pulumi.runtime.set_all_config({"aws:region": "eu-west-1", **config})

    def run() -> Any:
        return pulumi.Output.from_input(deploy()).apply(program.exports.update)

    with warnings.catch_warnings():
        # pulumi_aws warns of its own old names when it is imported.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="pulumi_aws")
        pulumi.runtime.test(run)()  # type: ignore[no-untyped-call]  # Pulumi's
    return program


def stack_config(stack: str) -> dict[str, str]:
    """The committed settings of a stack, as Pulumi would hand them to the program."""
    document = yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())
    return {key: value for key, value in document["config"].items() if isinstance(value, str)}
