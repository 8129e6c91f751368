"""A child that ends with its parent, and everything that it has started.

    python lifeline.py VARIABLE SCRIPT ARGUMENT …

VARIABLE is the name of an environment variable whose value no other child has: what the child starts inherits
it, in whatever process group or session it is. Standard input is the lifeline to the parent: it closes when
the parent ends, however it ends, and then the child ends and all that is its own. The script reads from
`/dev/null`.

The child runs this file as it is and sees nothing else of Millpond; the parent imports `end_family` from it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path

_PROCESSES = Path("/proc")


def end_family(group: int, variable: str, value: str) -> None:
    """Kill a process group, and on Linux also what has left it.

    Args:
        group: The group, which the child leads.
        variable: The environment variable that marks the child and what it has started.
        value: Its value.
    """
    _end_marked(variable, value)
    # PermissionError: macOS's word for a group of which nothing is left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end_marked(variable: str, value: str) -> None:
    for pid in _marked(variable, value) if value else ():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _marked(variable: str, value: str) -> list[int]:
    """The processes with an environment variable of this value, but for this one."""
    wanted = os.fsencode(f"{variable}={value}")
    found = []
    for process in _PROCESSES.iterdir() if _PROCESSES.is_dir() else ():
        if process.name.isdigit() and process.name != str(os.getpid()):
            with contextlib.suppress(OSError):  # another user's, or it has ended
                if wanted in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
    return found


def _main() -> None:
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    _, variable, script, *_ = sys.argv
    del sys.argv[:2]
    value = os.environ.get(variable, "")
    threading.Thread(target=_end_with_the_parent, args=(lifeline, variable, value), daemon=True).start()
    code = compile(Path(script).read_bytes(), script, "exec")
    try:
        exec(code, {"__name__": "__main__", "__file__": script})  # noqa: S102 - running it is what this is for
    finally:
        # It may be the parent's end that ended the script, faster than the thread has heard of it.
        _end_marked(variable, value)


def _end_with_the_parent(lifeline: int, variable: str, value: str) -> None:
    while os.read(lifeline, 1):
        pass
    if os.getpgrp() == os.getpid():
        end_family(os.getpid(), variable, value)
    os._exit(1)


if __name__ == "__main__":
    _main()
