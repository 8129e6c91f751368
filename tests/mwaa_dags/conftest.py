"""A lake deployed in a local cloud of its own, with IAM enforced, and Airflow's own environment for its DAGs.

`make test-airflow` says by `TEST_AIRFLOW` that Airflow may be installed; without it these tests are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from rich.console import Console

from millpond.airflow import AirflowSettings, make_ready
from millpond.client import Endpoint
from millpond.datagen import DatagenSettings, generate
from millpond.deploy import Deployment
from millpond.server import process
from millpond.server.settings import ServerSettings
from mwaa_dags.pipelines import PROJECT, Pipelines


@pytest.fixture(scope="session")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipelines]:
    if not os.environ.get("TEST_AIRFLOW"):
        pytest.skip("Airflow has an environment of its own: `make test-airflow` runs these tests")
    folder = tmp_path_factory.mktemp("pipelines")
    server = process.start(ServerSettings(data_dir=folder / "cloud", port=0))
    try:
        deployment = Deployment.open(PROJECT, "local", folder / "stacks", server.endpoint_url)
        outputs = deployment.up(Console(quiet=True)).outputs
        settings = AirflowSettings(PROJECT, "local", server.endpoint_url, folder / "airflow", port=0)
        environment = make_ready(settings, outputs, lambda _: None)
        shop = generate(DatagenSettings(folder / "shop", days=4, orders_per_day=10))
        days = sorted({file.name[:10] for file in shop.source("sales").files})
        yield Pipelines(Endpoint(server.endpoint_url), outputs, settings, environment, shop, days)
    finally:
        process.stop(folder / "cloud")
