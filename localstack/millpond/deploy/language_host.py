"""Runs Pulumi programs, each in a process of its own, against a resource monitor in another.

This does what Pulumi's language host does, without Pulumi's command line. It is started as a script, by the
interpreter of the project's virtual environment, and must import nothing but the standard library, `pulumi`
and (if there) `pulumi_aws`. It reads one JSON order a line: to import packages of the SDK, or to run a
program, which it answers with the program's exit status.

Importing Pulumi is most of what a small program costs, so it is imported once, and every program runs in a
fork. Nothing of the user's is imported before the fork: runs know nothing of each other. `program.py` has
the other side.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import gc
import importlib
import inspect
import json
import os
import re
import runpy
import select
import sys
import threading
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_SDK = "pulumi_aws."


def main() -> None:
    """Serve orders until there are no more."""
    # The interpreter put this script's folder first; it holds nothing that a program should find.
    sys.path.pop(0)
    # What is imported here stays to the end: no collection of garbage need look through it, in any process.
    gc.disable()
    importlib.import_module("pulumi.runtime")
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module("pulumi_aws")
    for line in sys.stdin:
        order = json.loads(line)
        if "packages" in order:
            _prepare(order["packages"])
            continue
        gc.freeze()
        process = os.fork()
        if process == 0:
            gc.enable()
            # Without the clean-up of an interpreter that shares its open files with its parent.
            os._exit(_in_child(order))
        _, status = os.waitpid(process, 0)
        used = _read_if_there(Path(order["used"]))
        print(os.waitstatus_to_exitcode(status), flush=True)
        _prepare(used.split())


def _read_if_there(path: Path) -> str:
    """A program that was killed wrote nothing."""
    return path.read_text() if path.exists() else ""


def _prepare(packages: list[str]) -> None:
    """Import the packages of the provider's SDK that a program used, so that the next one finds them."""
    with warnings.catch_warnings():
        # The SDK warns of its own older resources while it is imported.
        warnings.simplefilter("ignore")
        for name in packages:
            with contextlib.suppress(ModuleNotFoundError):
                # The SDK's packages load themselves when something is first asked of them.
                hasattr(importlib.import_module(name), "__all__")


def _end_with(orders: int) -> None:
    """End this process when the engine is gone, which closes the other end of where orders come from.

    Without an engine to answer it, a program may wait for ever.
    """
    lifeline = select.poll()
    lifeline.register(orders, select.POLLHUP)
    lifeline.poll()
    os._exit(1)


def _packages_used() -> set[str]:
    """The packages of the SDK that were really loaded: those with a module of theirs beside them."""
    inner = [name.split(".") for name in sys.modules if name.startswith(_SDK)]
    return {".".join(parts[:2]) for parts in inner if len(parts) > 2}


def _in_child(order: dict[str, Any]) -> int:
    for stream, path in ((sys.stdout, order["stdout"]), (sys.stderr, order["stderr"])):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, stream.fileno())
    threading.Thread(target=_end_with, args=(os.dup(sys.stdin.fileno()),), daemon=True).start()
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - it lives as long as the process
    # Nothing is written to the project; and Python, which knows compiled files by the second and the size of
    # their source, would take a program that is changed twice in a second for the one before.
    sys.dont_write_bytecode = True
    os.environ.update(order["environment"])
    os.chdir(order["working_directory"])
    try:
        return _run_program(order)
    finally:
        Path(order["used"]).write_text("\n".join(_packages_used()))
        sys.stdout.flush()
        sys.stderr.flush()


def _run_program(order: dict[str, Any]) -> int:
    """Run the program; 0 when all that it declared was registered."""
    program = Path(order["program"])
    sys.argv = [str(program)]
    sys.path.insert(0, str(program if program.is_dir() else program.parent))

    import pulumi.runtime
    from pulumi.runtime.settings import Settings, configure

    configure(
        Settings(
            project=order["project"],
            stack=order["stack"],
            monitor=order["monitor"],
            engine=_engine(order["monitor"]),
            parallel=order["parallel"],
            dry_run=order["dry_run"],
            organization="organization",
            root_directory=order["root_directory"],
        )
    )
    pulumi.runtime.set_all_config(order["config"], order["secret_keys"])
    try:
        asyncio.run(_register(program, order["parallel"]))
    except Exception as error:
        print(_describe(error), file=sys.stderr)
        return 1
    except SystemExit as end:
        # As a program of its own would end: `sys.exit("why")` says why and fails.
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _engine(address: str) -> Any:
    """The engine's log, without the SDK's messages for debugging.

    There are several for each resource, each would be a call that is waited for, and no user sees them.
    """
    import grpc
    from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

    engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
    send = engine.Log
    engine.Log = lambda message: send(message) if message.severity > engine_pb2.DEBUG else None
    return engine


async def _register(program: Path, parallel: int) -> None:
    import pulumi.runtime

    # Each registration waits in a thread of this pool until the engine has made the resource.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(parallel))

    def run_program() -> None:
        runpy.run_path(str(program), run_name="__main__")

    await pulumi.runtime.run_in_stack(run_program)


def _describe(error: BaseException) -> str:
    """The traceback without the frames of this script and of Pulumi around and below the user's own."""
    described = traceback.TracebackException.from_exception(error)
    machinery = _machinery()
    link: traceback.TracebackException | None = described
    while link is not None:
        own = [frame for frame in link.stack if not frame.filename.startswith(machinery)]
        link.stack = traceback.StackSummary.from_list(own)
        link = link.__cause__ or link.__context__
    # What comes from no line of the user's needs no heading of a traceback.
    lines = described.format() if described.stack else described.format_exception_only()
    text = "".join(lines).rstrip()
    hint = _suggestion(error)
    return f"{text}\n{hint}" if hint else text


def _machinery() -> tuple[str, ...]:
    """Where the files lie whose frames tell a user nothing."""
    modules = [
        sys.modules[name] for name in ("pulumi", "pulumi_aws", "asyncio", "concurrent") if name in sys.modules
    ]
    folders = [folder for module in modules for folder in module.__path__]
    return (__file__, "<frozen runpy>", *(f"{folder}{os.sep}" for folder in folders))


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
    main()
