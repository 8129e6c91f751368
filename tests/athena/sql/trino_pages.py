"""What is supported of each page of Trino's documentation, from the examples and the tables of functions.

`PYTHONPATH=tests python tests/athena/sql/trino_pages.py` prints the share of documented examples per page;
with `--write` it writes docs/athena-sql.md anew.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import yaml

from millpond.athena.sql.functions import special
from millpond.athena.sql.functions.registry import PAGES as MODULES
from millpond.athena.sql.functions.unsupported import REASONS

EXAMPLES = Path(__file__).parent / "trino_examples"
DOCUMENT = Path(__file__).parents[3] / "docs" / "athena-sql.md"
INTRODUCTION = Path(__file__).parent / "athena_sql_introduction.md"
_FORMS = {
    "comparison": ("greatest", "least"),
    "conditional": ("coalesce", "if", "nullif", "try"),
    "conversion": ("cast", "try_cast", "format", "typeof"),
    "string": ("concat",),
    "array": ("reduce", "zip_with"),
    "map": ("map_filter", "map_zip_with", "transform_keys", "transform_values"),
    "json": ("json_parse", "json_value", "json_query", "json_exists", "json_array", "json_object"),
    "aggregate": ("reduce_agg",),
    "session": ("current_catalog", "current_schema"),
}


@dataclass(frozen=True)
class Page:
    """One page: its examples as its file has them, and the names of its functions that are supported."""

    name: str
    content: dict[str, list]
    functions: tuple[str, ...]

    @property
    def answered(self) -> int:
        """How many documented examples give the documented answer, or fail as documented."""
        return len(self.content.get("documented", ())) + len(self.content.get("errors", ()))

    @property
    def documented(self) -> int:
        """How many examples the page has."""
        refused = [item for item in self.content.get("refused", ()) if item.get("documented")]
        return self.answered + len(refused)

    @property
    def share(self) -> str:
        """The share in percent; a page may have no example."""
        return f"{100 * self.answered / self.documented:.0f} %" if self.documented else "no example"


def pages() -> list[Page]:
    """All pages, by name."""
    found = []
    for path in sorted(EXAMPLES.glob("*.yaml")):
        names = set(_FORMS.get(path.stem, ()))
        if path.stem in MODULES:
            module = import_module(f"millpond.athena.sql.functions.{path.stem}")
            names |= {function.name for function in module.FUNCTIONS}
        if path.stem == "datetime":
            names |= set(special.FORMS) - {name for forms in _FORMS.values() for name in forms}
        found.append(Page(path.stem, yaml.safe_load(path.read_text()), tuple(sorted(names))))
    return found


def render() -> str:
    """The document: what is written by hand, then the tables."""
    all_pages = pages()
    lines = [INTRODUCTION.read_text().rstrip(), "", "## Trino's function pages", ""]
    lines += ["| Page | Documented examples | Answered | Share |", "|---|---|---|---|"]
    for page in all_pages:
        link = f"[{page.name}](https://trino.io/docs/401/functions/{page.name}.html)"
        lines.append(f"| {link} | {page.documented} | {page.answered} | {page.share} |")
    documented, answered = sum(p.documented for p in all_pages), sum(p.answered for p in all_pages)
    lines.append(f"| all | {documented} | {answered} | {100 * answered / documented:.1f} % |")
    lines += ["", "## Functions", ""]
    for page in all_pages:
        if page.functions:
            lines += [f"**{page.name}**: {', '.join(f'`{name}`' for name in page.functions)}", ""]
    lines += ["## Refused", "", "Each of these fails with `NOT_SUPPORTED` and its name, or as it says:", ""]
    by_reason: dict[str, list[str]] = {}
    for name, reason in REASONS.items():
        by_reason.setdefault(reason, []).append(f"`{name}`")
    lines += [f"* {reason}: {', '.join(sorted(names))}" for reason, names in by_reason.items()]
    for page in all_pages:
        for item in page.content.get("refused", ()):
            if not item["error"].startswith("NOT_SUPPORTED"):
                lines.append(f"* `{item['example']}`: {item['reason']}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        DOCUMENT.write_text(render())
    for shown in pages():
        print(f"{shown.name:12} {shown.answered:4} of {shown.documented:4}  {shown.share}")
    total, right = sum(p.documented for p in pages()), sum(p.answered for p in pages())
    print(f"{'all':12} {right:4} of {total:4}  {100 * right / total:.1f} %")
