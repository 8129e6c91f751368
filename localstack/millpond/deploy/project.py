"""Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml`: what to run, and with which settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from millpond.deploy.exceptions import ProjectError
from millpond.deploy.passphrase import Cipher

_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")


@dataclass(frozen=True)
class Project:
    """A Pulumi project: its name, the folder it lies in, and the Python program that it runs."""

    name: str
    directory: Path
    program: Path
    virtualenv: Path | None = None
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, directory: Path) -> Project:
        """Read the project of a folder."""
        directory = directory.resolve()
        path = next((directory / name for name in _PROJECT_FILES if (directory / name).is_file()), None)
        if path is None:
            raise ProjectError(f"no Pulumi.yaml in {directory}: run this in the folder of a Pulumi project")
        raw = _read_yaml(path)
        runtime = raw.get("runtime")
        options: Mapping[str, Any] = {}
        if isinstance(runtime, Mapping):
            options, runtime = runtime.get("options") or {}, runtime.get("name")
        if runtime != "python":
            raise ProjectError(f"{path}: the runtime is '{runtime}'; this engine runs Python programs only")
        if not isinstance(raw.get("name"), str):
            raise ProjectError(f"{path}: the project has no name")
        program = directory / raw.get("main", ".")
        if not (program / "__main__.py").is_file() and not program.is_file():
            raise ProjectError(f"{path}: there is no program at {program} (expected {program}/__main__.py)")
        virtualenv = options.get("virtualenv")
        return cls(
            name=raw["name"],
            directory=directory,
            program=program,
            virtualenv=directory / virtualenv if virtualenv else None,
            config=raw.get("config") or {},
        )

    @property
    def working_directory(self) -> Path:
        """Where the program runs, and where the relative paths of its assets start."""
        return self.program if self.program.is_dir() else self.program.parent


@dataclass(frozen=True)
class StackSettings:
    """A stack's configuration as the program sees it: every value a text, structured ones as JSON."""

    stack: str
    config: Mapping[str, str]
    secret_keys: frozenset[str] = frozenset()
    cipher: Cipher | None = None
    """What the secrets of the stack's state are encrypted with, if it has a settings file."""

    @classmethod
    def load(cls, project: Project, stack: str) -> StackSettings:
        """Read a stack's file over the project's own defaults."""
        path = project.directory / f"Pulumi.{stack}.yaml"
        raw = _read_yaml(path) if path.is_file() else {}
        known = sorted(file.name.split(".")[1] for file in project.directory.glob("Pulumi.*.yaml"))
        if not path.is_file() and known:
            raise ProjectError(
                f"no {path.name} in {project.directory}; the stacks here are {', '.join(known)}"
            )
        cipher = Cipher(raw.get("encryptionsalt"), path)
        values, secret_keys = _project_defaults(project), set()
        for key, value in (raw.get("config") or {}).items():
            name = _qualified(key, project.name)
            revealed = cipher.reveal(value, name)
            if revealed != value:
                secret_keys.add(name)
            values[name] = revealed
        texts = {key: _as_text(value) for key, value in values.items()}
        return cls(stack, texts, frozenset(secret_keys), cipher)

    @classmethod
    def new(cls, project: Project, stack: str) -> StackSettings:
        """The settings of a stack that has no file: the project's defaults."""
        return cls(stack, {key: _as_text(value) for key, value in _project_defaults(project).items()})

    def overridden(self, project: Project, config: Mapping[str, str]) -> StackSettings:
        """These settings with single values replaced."""
        given = {_qualified(key, project.name): value for key, value in config.items()}
        return replace(self, config={**self.config, **given})

    def structured(self, key: str) -> Any:
        """A value that is a list or map (or a text, when it is no JSON), or None."""
        text = self.config.get(key)
        if text is None:
            return None
        try:
            return json.loads(text)
        except ValueError:
            return text


def _project_defaults(project: Project) -> dict[str, Any]:
    defaults: dict[str, Any] = {}
    for key, value in project.config.items():
        if isinstance(value, Mapping):
            value = value.get("value", value.get("default"))
        if value is not None:
            defaults[_qualified(key, project.name)] = value
    return defaults


def _qualified(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ProjectError(f"{path} is not valid YAML: {error}") from error
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise ProjectError(f"{path}: expected a mapping, got {type(raw).__name__}")
    return raw
