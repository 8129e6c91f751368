"""One deployed, fed and built lakehouse for the whole suite, in a server process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from millpond.client import Endpoint
from millpond.datagen import DatagenResult, DatagenSettings, generate
from millpond.demo.dbt import dbt_build
from millpond.demo.deliveries import Delivery
from millpond.demo.events import PostedEvents, post, requests_of
from millpond.demo.lake import Lake, StackOutputs
from millpond.deploy import Deployment
from millpond.server import process
from millpond.server.settings import ServerSettings

PROJECT = Path(__file__).resolve().parents[2]
LOADED = ("customers", "products", "sales")


@dataclass(frozen=True)
class Lakehouse:
    """What the tests look at: the lake, and what was put into it."""

    lake: Lake
    generated: DatagenResult
    posted: PostedEvents
    deployment: Deployment

    def drop(self, source: str, *files: Path) -> None:
        self.lake.drop([Delivery(source, file) for file in files], lambda: None)
        self.lake.wait_for_ingestion(lambda _: None)


@pytest.fixture(scope="session")
def console() -> Console:
    return Console(quiet=True)


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    data_dir = tmp_path_factory.mktemp("lakehouse-cloud")
    server = process.start(ServerSettings(data_dir=data_dir, port=0))
    try:
        yield Endpoint(server.endpoint_url)
    finally:
        process.stop(data_dir)


@pytest.fixture(scope="session")
def lakehouse(
    endpoint: Endpoint, console: Console, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lakehouse]:
    folder = tmp_path_factory.mktemp("lakehouse")
    deployment = Deployment.open(PROJECT, "local", folder / "stacks", endpoint.url)
    lake = Lake(endpoint, StackOutputs.of(deployment.up(console).outputs))
    generated = generate(DatagenSettings(folder / "shop", days=8, orders_per_day=20))
    event_files = generated.source("events").files
    posted = post(lake.outputs.events_url, requests_of(event_files), lambda: None)
    lakehouse = Lakehouse(lake, generated, posted, deployment)
    for source in LOADED:
        lakehouse.drop(source, *generated.source(source).files, *generated.source(source).copies)
    lake.wait_for_rows("events", posted.accepted, lambda _: None)
    log: list[str] = []
    dbt_build(PROJECT / "dbt_athena", folder / "dbt", endpoint, lake.outputs, log.append)
    return lakehouse
