"""The first thing that a worker runs; it sees nothing of Millpond but this file.

Standard input is the lifeline to the server: it closes when the server ends, however it ends,
and then the worker's whole process group goes. The handler reads from `/dev/null`, as on AWS.
"""

import os
import signal
import site
import sys
import threading


def main() -> None:
    """Tie the process to its server and hand it over to AWS's runtime client."""
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_end_with_the_server, args=(lifeline,), daemon=True).start()

    # Python was started without `site`, which also defines these names.
    site.setquit()
    site.setcopyright()
    site.sethelper()

    from awslambdaric.__main__ import main as run

    run([sys.argv[0], os.environ["_HANDLER"]])


def _end_with_the_server(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os.kill(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
