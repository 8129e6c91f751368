"""What can be wrong with a contract."""

from __future__ import annotations


class ContractError(ValueError):
    """A source's contract cannot be used as it is written.

    Attributes:
        file: The file that declares it.
        field: The path of the field in the file, like `columns[3].type`.
        problem: What is wrong there.
        remedy: What to write instead.
    """

    def __init__(self, file: str, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {field}: {problem}. {remedy}")
        self.file = file
        self.field = field
        self.problem = problem
        self.remedy = remedy
