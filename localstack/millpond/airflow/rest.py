"""What is asked of a running Airflow over its REST API: start a DAG's run, follow it to its end.

https://airflow.apache.org/docs/apache-airflow/3.2.1/stable-rest-api-ref.html; the laptop's Airflow gives a
token to anybody who asks, since only the laptop itself can.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from millpond.airflow.exceptions import AirflowDoesNotAnswer, AirflowRefused, DagRunFailed, DagRunLate

_POLL_SECONDS: Final = 1.0
_ANSWER_SECONDS: Final = 60.0


@dataclass(frozen=True)
class DagRun:
    """One run of a DAG, as it was when it was asked for.

    Attributes:
        dag: The DAG's id.
        run_id: The run's id, unique within the DAG.
        run_type: What has started it: `manual`, `scheduled`, `backfill` or `asset_triggered`.
        state: `queued`, `running`, `success` or `failed`.
    """

    dag: str
    run_id: str
    run_type: str
    state: str

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in ("success", "failed")


class AirflowApi:
    """The API behind the address of a laptop's Airflow.

    Every method raises `AirflowDoesNotAnswer` if nothing answers there.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._token = self._call("/auth/token")["access_token"]

    def trigger(self, dag: str, conf: Mapping[str, Any], patience_seconds: float = 60.0) -> DagRun:
        """Start a run; a DAG whose file was not read yet is waited for.

        Raises:
            AirflowRefused: There is no such DAG, or the configuration does not fit its parameters.
        """
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                return _dag_run(self._of_dag(dag, {"logical_date": None, "conf": dict(conf)}))
            except AirflowRefused as refused:
                if refused.status != HTTPStatus.NOT_FOUND or time.monotonic() > deadline:
                    raise
            time.sleep(_POLL_SECONDS)

    def runs(self, dag: str) -> list[DagRun]:
        """The last hundred runs of a DAG, the oldest first; none of a DAG whose file was not read yet."""
        try:
            found = self._of_dag(dag, None, "?order_by=-id&limit=100")
        except AirflowRefused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return []
        return [_dag_run(run) for run in reversed(found["dag_runs"])]

    def task_states(self, run: DagRun) -> dict[str, str]:
        """The state of each of a run's tasks; of a mapped task that of one of its instances."""
        found = self._of_dag(run.dag, None, f"/{quote(run.run_id, safe='')}/taskInstances?limit=1000")
        return {task["task_id"]: str(task["state"] or "waiting") for task in found["task_instances"]}

    def wait(self, run: DagRun, seconds: float, on_progress: Callable[[str], None]) -> DagRun:
        """Follow a run to its good end.

        Args:
            run: The run.
            seconds: How long it may take.
            on_progress: Told how far it is, whenever that changes.

        Raises:
            DagRunFailed: It failed; the error names the tasks.
            DagRunLate: It takes longer.
        """
        deadline, said = time.monotonic() + seconds, ""
        while True:
            now = next(found for found in self.runs(run.dag) if found.run_id == run.run_id)
            states = self.task_states(now)
            if now.state == "failed":
                failed = sorted(task for task, state in states.items() if state == "failed")
                raise DagRunFailed(run.dag, run.run_id, failed, self.page(run))
            counts = Counter(states.values())
            words = f"{run.dag}: {counts['success']} of {len(states)} tasks are done"
            if words != said:
                on_progress(said := words)
            if now.has_ended:
                return now
            if time.monotonic() > deadline:
                raise DagRunLate(run.dag, run.run_id, seconds, self.page(run))
            time.sleep(_POLL_SECONDS)

    def page(self, run: DagRun) -> str:
        """Where the web page shows a run."""
        return f"{self.url}/dags/{run.dag}/runs/{quote(run.run_id, safe='')}"

    def _of_dag(self, dag: str, body: Any, below: str = "") -> dict[str, Any]:
        return self._call(f"/api/v2/dags/{dag}/dagRuns{below}", body, Authorization=f"Bearer {self._token}")

    def _call(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - http only
            self.url + path, data, {"Content-Type": "application/json", **headers}
        )
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 - http only
                content: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AirflowRefused(path, error.code, error.read().decode(errors="replace")) from error
        except OSError as error:
            raise AirflowDoesNotAnswer(self.url, str(error)) from error
        return content


def _dag_run(content: Mapping[str, Any]) -> DagRun:
    return DagRun(content["dag_id"], content["dag_run_id"], content["run_type"], content["state"])
