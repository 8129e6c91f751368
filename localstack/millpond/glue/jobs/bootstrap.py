"""What a job's process runs, tied to its server by `lifeline`; of the rest of Millpond it sees `runtime`.

Its one argument is the run's plan, a JSON file: `script`, `arguments`, `outcome` (the file that is to say how
the script ended) and, of a Spark job, `spark`.
"""

import importlib
import json
import site
import sys
import traceback
import types
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the script as the main module."""
    # Python was started without `site`, which also defines these names.
    site.setquit()
    site.setcopyright()
    site.sethelper()

    plan = json.loads(Path(sys.argv[1]).read_text())
    outcome = Path(plan["outcome"])
    try:
        if plan.get("spark"):
            _engine().prepare(plan)
        _run(plan["script"], plan["arguments"])
    except SystemExit as ending:
        code = ending.code
        if code is None or code == 0:
            _finish(plan, outcome)
        if not isinstance(code, int):
            print(code, file=sys.stderr)
        _fail(outcome, f"SystemExit: {code}", code if isinstance(code, int) else 1)
    except BaseException as error:
        # The frames of this file say nothing to the job's author.
        shown = error.__traceback__
        while shown is not None and shown.tb_frame.f_code.co_filename == __file__:
            shown = shown.tb_next
        traceback.print_exception(type(error), error, shown)
        _fail(outcome, _last_line(error), 1)
    _finish(plan, outcome)


def _run(script: str, arguments: list[str]) -> None:
    sys.argv = [script, *arguments]
    module = types.ModuleType("__main__")
    module.__file__ = script
    sys.modules["__main__"] = module  # so that what the script defines can be pickled
    code = compile(Path(script).read_bytes(), script, "exec")
    exec(code, module.__dict__)  # noqa: S102 - running the script is what this is for


def _engine() -> Any:
    """Of the runtime folder; it needs PySpark, so that it is imported for Spark jobs only."""
    return importlib.import_module("awsglue.engine.session")


def _last_line(error: BaseException) -> str:
    """An error as GetJobRun's `ErrorMessage` shows it."""
    java_exception = getattr(error, "java_exception", None)
    if java_exception is not None:  # of py4j: its text has the whole trace of the JVM
        calling = str(error).partition("\n")[0].rstrip(":.")
        return f"{calling}. {java_exception.getMessage() or java_exception.getClass().getName()}"
    return f"{type(error).__name__}: {error}"


def _finish(plan: dict[str, object], outcome: Path) -> None:
    if plan.get("spark"):
        _engine().finish(outcome.parent)
    outcome.write_text(json.dumps({"exit_code": 0}))
    sys.exit(0)


def _fail(outcome: Path, message: str, exit_code: int) -> None:
    outcome.write_text(json.dumps({"error": message, "exit_code": exit_code}))
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
