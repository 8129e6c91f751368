"""The addresses of Amazon MWAA."""

from __future__ import annotations

from millpond.mwaa.responses import AirflowApi

__all__ = ["url_bases", "url_paths"]

url_bases = [r"https?://(?:(?:api|env|ops)\.)?airflow\.(.+)\.amazonaws\.com"]

url_paths = {
    "{0}/environments$": AirflowApi.dispatch,
    "{0}/environments/(?P<Name>[^/]+)$": AirflowApi.dispatch,
    "{0}/tags/(?P<ResourceArn>.+)$": AirflowApi.dispatch,
    "{0}/clitoken/(?P<Name>[^/]+)$": AirflowApi.dispatch,
    "{0}/webtoken/(?P<Name>[^/]+)$": AirflowApi.dispatch,
    "{0}/restapi/(?P<Name>[^/]+)$": AirflowApi.dispatch,
}
