"""Runs dbt as a child that ends with its parent, however that ends: its standard input is the lifeline.

Started as a script, so that nothing of Millpond is imported into dbt's process.
"""

from __future__ import annotations

import os
import sys
import threading

from dbt.cli.main import cli


def _end_with_the_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    cli(sys.argv[1:], prog_name="dbt")
