"""Runs one DAG to its end with `dag.test()`, in Airflow's own environment: `run_dag.py DAG_ID CONF`.

In Airflow 3.2.1 `dag.test()` fails at the end of a run of a DAG with deadlines, and gives failure callbacks
no exception, both unlike a worker: the deadline is left out here, the exception is handed on.
"""

import json
import sys
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.execution_time import task_runner

_finalize = task_runner.finalize


def _with_exception(ti: Any, state: Any, context: Any, log: Any, error: Any = None) -> None:
    context["exception"] = error
    _finalize(ti, state, context, log, error)


def main(dag_id: str, conf: str) -> int:
    task_runner.finalize = _with_exception
    bag = DagBag()
    if bag.import_errors:
        print(bag.import_errors, file=sys.stderr)
        return 2
    dag = bag.dags[dag_id]
    dag.deadline = None
    for task in dag.tasks:
        task.retry_delay = task.retry_delay / 20
        task.max_retry_delay = None
    run = dag.test(run_conf=json.loads(conf))
    print(f"run_dag: {run.run_id} {run.state}")
    return 0 if run.state == "success" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
