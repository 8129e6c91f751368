"""What can be wrong with a deployment before anything is deployed."""

from __future__ import annotations


class SettingsError(ValueError):
    """A stack's setting cannot be used.

    Attributes:
        file: The stack's settings file.
        key: The setting.
    """

    def __init__(self, stack: str, key: str, problem: str, remedy: str) -> None:
        self.file = f"Pulumi.{stack}.yaml"
        self.key = key
        super().__init__(f"{self.file}: {key}: {problem}. {remedy}")


class ManifestError(RuntimeError):
    """dbt's manifest, which Airflow's tasks are made of, cannot be made."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"The manifest of dbt: {problem}. {remedy}")
