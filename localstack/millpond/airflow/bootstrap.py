"""The first thing that one of Airflow's components runs, in Airflow's own environment.

Standard input is the lifeline to the supervisor: it closes when the supervisor ends, however it ends, and
then the component goes with all that it has started, also what has a session of its own.
"""

import os
import signal
import sys
import threading


def main() -> None:
    """Tie the process to its supervisor and become Airflow."""
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_end_with_the_supervisor, args=(lifeline,), daemon=True).start()

    from airflow.__main__ import main as run  # type: ignore[import-not-found]  # in Airflow's own environment

    sys.argv[0] = "airflow"
    run()


def _end_with_the_supervisor(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    import psutil

    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
