"""Which packages of the provider's SDK are imported before a program asks for them."""

from __future__ import annotations

from pathlib import Path

from millpond.deploy.project import Project
from millpond.deploy.sdk_packages import packages_named


def project(folder: Path, **files: str) -> Project:
    (folder / "Pulumi.yaml").write_text("name: lake\nruntime: python\n")
    for name, text in {"__main__": "", **files}.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Project.load(folder)


def test_packages_are_told_from_attributes_and_imports(tmp_path: Path) -> None:
    program = project(
        tmp_path,
        __main__="import pulumi_aws as aws\naws.s3.Bucket('lake')\naws.get_caller_identity()\n",
        roles="from pulumi_aws import (\n    iam,\n    kms,\n)\n",
    )
    assert packages_named(program) == ["pulumi_aws.kms", "pulumi_aws.iam", "pulumi_aws.s3"]


def test_an_environment_below_the_program_is_not_part_of_it(tmp_path: Path) -> None:
    program = project(tmp_path, venv__in__lib="import pulumi_aws as aws\naws.sqs.Queue('q')\n")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    assert packages_named(program) == []
