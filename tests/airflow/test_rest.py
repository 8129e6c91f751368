"""What is said of an Airflow that cannot be asked; a running one is asked by the tests of the chain."""

from __future__ import annotations

import pytest

from millpond.airflow import AirflowApi
from millpond.airflow.exceptions import AirflowDoesNotAnswer


def test_an_airflow_that_does_not_answer_is_named_with_its_address() -> None:
    with pytest.raises(AirflowDoesNotAnswer, match=r"http://127\.0\.0\.1:9"):
        AirflowApi("http://127.0.0.1:9")
