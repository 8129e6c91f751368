"""Airflow on the laptop, as Amazon MWAA runs it: started, found and ended again.

A project's folder `mwaa_dags` is what MWAA reads from its bucket: dags, plugins, requirements, startup.sh.
Here the same files are read by the same version of Airflow, in an environment of its own, with the execution
role's credentials.
"""

from millpond.airflow.process import RunningAirflow, find, make_ready, start, stop
from millpond.airflow.rest import AirflowApi, DagRun
from millpond.airflow.settings import AirflowSettings

__all__ = ["AirflowApi", "AirflowSettings", "DagRun", "RunningAirflow", "find", "make_ready", "start", "stop"]
