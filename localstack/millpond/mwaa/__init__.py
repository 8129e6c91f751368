"""Amazon MWAA: the definitions of Airflow environments, checked as AWS checks them.

No Airflow runs behind an environment: what would have to ask one (tokens, the REST API) is refused by name.
"""

from millpond.mwaa.service import AirflowService, install

__all__ = ["AirflowService", "install"]
