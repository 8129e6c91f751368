"""What was generated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BadLine:
    """One line that no careful reader may accept.

    Attributes:
        file: The file that has it.
        line_number: Its line in that file, the first line (a header, if there is one) being 1.
        defect: What is wrong with it, in words.
    """

    file: Path
    line_number: int
    defect: str


@dataclass(frozen=True)
class SourceSummary:
    """What one source delivers.

    Attributes:
        name: `sales`, `customers`, `products` or `events`.
        files: Its files in the order in which they arrive, copies left out.
        copies: Files that repeat another one under another name, and so must add nothing.
        lines: The lines of `files`, bad ones included, headers left out.
        bad_lines: Those that belong in quarantine.
    """

    name: str
    files: tuple[Path, ...]
    copies: tuple[Path, ...]
    lines: int
    bad_lines: tuple[BadLine, ...]


@dataclass(frozen=True)
class DatagenResult:
    """Everything that was written: one summary per source, in the order of their names."""

    out: Path
    sources: tuple[SourceSummary, ...]

    def source(self, name: str) -> SourceSummary:
        """The summary of one source.

        Raises:
            KeyError: No source has this name.
        """
        for summary in self.sources:
            if summary.name == name:
                return summary
        raise KeyError(name)

    @property
    def files(self) -> int:
        """Number of all files, copies included."""
        return sum(len(summary.files) + len(summary.copies) for summary in self.sources)

    @property
    def lines(self) -> int:
        """Number of all lines that tell something new, bad ones included, headers left out."""
        return sum(summary.lines for summary in self.sources)
