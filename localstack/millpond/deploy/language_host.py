"""Runs a Pulumi program in a process of its own, against a resource monitor in another.

This is what Pulumi's own language host does, without Pulumi's command line. It is started as a script,
by the interpreter of the project's virtual environment, and must import nothing but the standard library
and `pulumi`. Its only argument is the JSON of what to run; see `program.py`.
"""

from __future__ import annotations

import asyncio
import difflib
import inspect
import json
import re
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType


def main() -> int:
    """Run the program; 0 when all it declared was registered."""
    order = json.loads(sys.argv[1])
    program = Path(order["program"])
    sys.argv = [str(program)]
    # The interpreter put this script's folder first; a program expects its own folder there.
    sys.path[0] = str(program if program.is_dir() else program.parent)

    import pulumi.runtime
    from pulumi.runtime.settings import Settings, configure

    configure(
        Settings(
            project=order["project"],
            stack=order["stack"],
            monitor=order["monitor"],
            engine=order["monitor"],
            parallel=order["parallel"],
            dry_run=order["dry_run"],
            organization="organization",
            root_directory=order["root_directory"],
        )
    )
    pulumi.runtime.set_all_config(order["config"], order["secret_keys"])
    try:
        asyncio.run(_run(program, order["parallel"]))
    except Exception as error:
        print(_describe(error, program), file=sys.stderr)
        return 1
    return 0


async def _run(program: Path, parallel: int) -> None:
    import pulumi.runtime

    # Each registration waits in a thread of this pool until the engine has made the resource.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(parallel))

    def run_program() -> None:
        runpy.run_path(str(program), run_name="__main__")

    await pulumi.runtime.run_in_stack(run_program)


def _describe(error: BaseException, program: Path) -> str:
    """The traceback without the frames of this script and of Pulumi around the user's own."""
    folder = str(program if program.is_dir() else program.parent)
    trace: TracebackType | None = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(folder):
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace or error.__traceback__)).rstrip()
    hint = _suggestion(error)
    return f"{text}\n{hint}" if hint else text


def _suggestion(error: BaseException) -> str | None:
    """What a misspelt argument of a resource was probably meant to be."""
    match = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    trace = error.__traceback__
    if not isinstance(error, TypeError) or match is None or trace is None:
        return None
    while trace.tb_next is not None:
        trace = trace.tb_next
    instance = trace.tb_frame.f_locals.get("__self__")
    constructor = getattr(type(instance), "_internal_init", None)
    if constructor is None:
        return None
    close = difflib.get_close_matches(match[1], inspect.signature(constructor).parameters, n=1)
    return f"{type(instance).__name__} has no argument '{match[1]}'" + (
        f"; did you mean '{close[0]}'?" if close else ""
    )


if __name__ == "__main__":
    sys.exit(main())
