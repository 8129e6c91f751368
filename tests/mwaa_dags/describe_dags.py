"""Prints what Airflow reads in the folder of the DAGs, as JSON; runs in Airflow's own environment."""

import json
import time
from pathlib import Path

from airflow.configuration import conf
from airflow.dag_processing.dagbag import DagBag


def main() -> None:
    folder = Path(conf.get("core", "dags_folder"))
    # The first file pays for the libraries that all of them import.
    DagBag(dag_folder=str(folder / "transform.py"))
    seconds: dict[str, float] = {}
    errors: dict[str, str] = {}
    dags = {}
    for file in sorted(folder.glob("*.py")):
        began = time.process_time()
        bag = DagBag(dag_folder=str(file))
        seconds[file.name] = time.process_time() - began
        errors |= bag.import_errors
        dags |= bag.dags
    described = {
        name: {
            "edges": sorted(
                [task.task_id, below] for task in dag.tasks for below in task.downstream_task_ids
            ),
            "tasks": {
                task.task_id: {
                    "retries": task.retries,
                    "waits": [task.retry_delay.total_seconds(), task.retry_exponential_backoff],
                    "reports_failures": bool(task.on_failure_callback),
                    "outlets": [outlet.name for outlet in task.outlets],
                }
                for task in dag.tasks
            },
            "max_active_runs": dag.max_active_runs,
            "deadlines": len(dag.deadline or ()),
            "starts_after": [
                asset.name for asset in getattr(dag.timetable.asset_condition, "objects", ()) or ()
            ],
            "params": sorted(dag.params),
        }
        for name, dag in dags.items()
    }
    print("DAGS " + json.dumps({"dags": described, "errors": errors, "seconds": seconds}))


if __name__ == "__main__":
    main()
