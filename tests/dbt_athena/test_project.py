"""What can be said about the dbt project without a cloud."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2] / "dbt_athena"
ENVIRONMENT = {
    "LAKE_RAW_DATABASE": "lake_raw",
    "LAKE_MARTS_DATABASE": "lake_marts",
    "LAKE_MARTS_BUCKET": "lake-marts",
    "LAKE_RESULTS_BUCKET": "lake-results",
    "LAKE_DBT_WORKGROUP": "lake-dbt",
    "AWS_REGION": "eu-west-1",
}


def parse(target: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LAKE_", "AWS_", "DBT_"))
    }
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target)]
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            "--log-path",
            str(target),
            "parse",
            "--no-partial-parse",
            *folders,
        ],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("target")
    parsed = parse(target, ENVIRONMENT)
    assert parsed.returncode == 0, parsed.stdout
    return json.loads((target / "manifest.json").read_text())


def nodes(manifest: dict[str, Any], *types: str) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] in types]


def test_missing_variable_is_named(tmp_path):
    without = {name: value for name, value in ENVIRONMENT.items() if name != "LAKE_MARTS_BUCKET"}
    parsed = parse(tmp_path, without)
    assert parsed.returncode != 0
    assert "LAKE_MARTS_BUCKET" in parsed.stdout


def test_every_model_snapshot_and_seed_is_described(manifest):
    undescribed = [n["name"] for n in nodes(manifest, "model", "snapshot", "seed") if not n["description"]]
    assert undescribed == []


def test_models_are_named_for_their_layer(manifest):
    prefixes = {"staging": "stg_shop__", "intermediate": "int_", "marts": ("dim_", "fct_", "monthly_")}
    for model in nodes(manifest, "model"):
        assert model["name"].startswith(prefixes[model["fqn"][1]]), model["name"]


def test_only_staging_reads_sources(manifest):
    for model in nodes(manifest, "model", "snapshot"):
        reads_source = any(parent.startswith("source.") for parent in model["depends_on"]["nodes"])
        assert reads_source == model["name"].startswith("stg_"), model["name"]


def test_marts_and_snapshots_are_iceberg_tables(manifest):
    for node in nodes(manifest, "model", "snapshot"):
        if node["resource_type"] == "snapshot" or node["fqn"][1] == "marts":
            assert node["config"]["table_type"] == "iceberg", node["name"]


def test_every_mart_is_tested(manifest):
    tested = {parent for test in nodes(manifest, "test") for parent in test["depends_on"]["nodes"]}
    marts = {node["unique_id"] for node in nodes(manifest, "model") if node["fqn"][1] == "marts"}
    assert marts <= tested


def test_exposure_tells_who_reads_the_monthly_revenue(manifest):
    (exposure,) = manifest["exposures"].values()
    assert exposure["depends_on"]["nodes"] == ["model.lake.monthly_revenue"]


def test_project_has_no_word_about_where_it_runs():
    files = [path for path in PROJECT.rglob("*") if path.suffix in (".sql", ".yml") and path.is_file()]
    local = re.compile(r"localhost|127\.0\.0\.1|4566|endpoint_url|millpond|target\.name", re.IGNORECASE)
    assert [path.name for path in files if local.search(path.read_text())] == []
