"""Runs one DAG to its end with `dag.test()`, in Airflow's own environment: `run_dag.py DAG CONF [ONLY]`.

`ONLY` is a pattern of tasks: the others count as done. The last line is JSON: the run, how it ended, and how
often each task was tried. In Airflow 3.2.1 `dag.test()` differs from a worker in two ways, made good here:

- It gives failure callbacks no exception; a worker puts it into the context before it calls them.
- It fails at the end of a run of a DAG with deadlines, since it hands the scheduler's part the DAG as the
  file has it; a scheduler has it as the database does.

Waits between attempts are shortened; how long they are is seen in the structure of the DAGs. And one API
serves all tasks: Airflow would make one for each, which takes two seconds.
"""

import functools
import json
import re
import sys
from typing import Any

from airflow.configuration import conf as configuration
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.execution_time import supervisor, task_runner


def run_tasks_as_a_worker() -> None:
    """Finish tasks in this process as a worker does, and serve all of them by one API."""
    supervisor.in_process_api_server = functools.cache(supervisor.in_process_api_server)
    finalize = task_runner.finalize

    def as_worker(ti: Any, state: Any, context: Any, log: Any, error: Any = None) -> None:
        context["exception"] = error
        finalize(ti, state, context, log, error)

    task_runner.finalize = as_worker


def read_dag(dag_id: str) -> Any:
    """A DAG from its file."""
    bag = DagBag(dag_folder=f"{configuration.get('core', 'dags_folder')}/{dag_id}.py")
    if bag.import_errors:
        sys.exit(f"{bag.import_errors}")
    return bag.dags[dag_id]


def main(dag_id: str, conf: str, only: str = "") -> int:
    run_tasks_as_a_worker()
    dag = read_dag(dag_id)
    dag.deadline = None
    for task in dag.tasks:
        task.retry_delay = task.retry_delay / 20
        task.max_retry_delay = None
    others = re.compile(f"(?!(?:{only})$).*") if only else None
    run = dag.test(run_conf=json.loads(conf), mark_success_pattern=others)
    tries = {_name(instance): instance.try_number for instance in run.get_task_instances()}
    print(json.dumps({"run_id": run.run_id, "state": str(run.state), "tries": tries}))
    return 0 if run.state == "success" else 1


def _name(instance: Any) -> str:
    """The task; of a mapped one, which of its instances."""
    return instance.task_id if instance.map_index < 0 else f"{instance.task_id}[{instance.map_index}]"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
