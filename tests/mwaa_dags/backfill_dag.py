"""Backfills a DAG in Airflow's own environment: `backfill_dag.py DAG FIRST_DAY LAST_DAY MOST_AT_ONCE`.

Airflow's scheduler decides what runs when, as everywhere; only the executor has no process for each task, but
this one for all: thirty days in processes of their own would take a quarter of an hour.
"""

import datetime
import sys
from collections.abc import Sequence
from typing import Any

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.executors.base_executor import BaseExecutor
from airflow.jobs.job import Job, run_job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.backfill import ReprocessBehavior, _create_backfill
from airflow.models.taskinstance import TaskInstance
from airflow.sdk.definitions.dag import _run_task
from run_dag import read_dag, run_tasks_as_a_worker

from airflow import settings

_IDLE_SECONDS = 0.2
_IDLE_ROUNDS = 25


class InThisProcess(BaseExecutor):
    """Runs each task at once, one after the other, and waits for what it waits for."""

    is_local = True

    def __init__(self, dag: Any) -> None:
        super().__init__()
        self._dag = dag

    def _process_workloads(self, workloads: Sequence[Any]) -> None:
        for workload in workloads:
            key = workload.ti.key
            self.queued_tasks.pop(key, None)
            if not key.run_id.startswith("backfill"):
                continue  # left behind by other tests
            self.running.add(key)
            session = settings.Session()
            instance = session.get(TaskInstance, workload.ti.id)
            _run_task(ti=instance, task=self._dag.task_dict[key.task_id], run_triggerer=True)
            succeeded = instance.state == "success"
            session.close()
            (self.success if succeeded else self.fail)(key)

    def end(self) -> None:
        """Nothing is under way."""


def main(dag_id: str, first: str, last: str, most_at_once: str) -> None:
    run_tasks_as_a_worker()
    dag = read_dag(dag_id)
    _tell_database()
    begin, end = (
        datetime.datetime.fromisoformat(f"{day}T{hour}+00:00")
        for day, hour in ((first, "00:00"), (last, "23:59"))
    )
    _create_backfill(
        dag_id=dag_id,
        from_date=begin,
        to_date=end,
        max_active_runs=int(most_at_once),
        reverse=False,
        dag_run_conf={},
        triggering_user_name="test",
        reprocess_behavior=ReprocessBehavior.NONE,
    )
    job = Job()
    scheduler = SchedulerJobRunner(
        job,
        num_runs=_IDLE_ROUNDS,
        only_idle=True,
        scheduler_idle_sleep_time=_IDLE_SECONDS,
        executors=[InThisProcess(dag)],
    )
    run_job(job=job, execute_callable=scheduler._execute)


def _tell_database() -> None:
    """What a DAG processor does with the folder of the DAGs."""
    manager = DagBundlesManager()
    manager.sync_bundles_to_db()
    for bundle in manager.get_all_dag_bundles():
        bundle.initialize()
        bag = BundleDagBag(dag_folder=bundle.path, bundle_path=bundle.path, bundle_name=bundle.name)
        sync_bag_to_db(bag, bundle.name, bundle.version)


if __name__ == "__main__":
    main(*sys.argv[1:])
