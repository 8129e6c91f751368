"""A class of ours takes the place of moto's only if moto still has it."""

from __future__ import annotations

import types

import pytest

from millpond.moto_models import stand_in


class Theirs:
    pass


class Ours(Theirs):
    pass


@pytest.fixture
def models() -> types.ModuleType:
    module = types.ModuleType("models")
    module.Theirs = Theirs
    return module


def test_module_makes_what_stands_in(models: types.ModuleType) -> None:
    stand_in(models, "Theirs", Ours)
    assert models.Theirs is Ours


def test_class_that_moto_has_no_longer_is_told(models: types.ModuleType) -> None:
    with pytest.raises(TypeError, match=r"Ours is no models\.Renamed"):
        stand_in(models, "Renamed", Ours)


def test_class_that_is_made_of_another_is_told(models: types.ModuleType) -> None:
    with pytest.raises(TypeError, match=r"int is no models\.Theirs"):
        stand_in(models, "Theirs", int)
