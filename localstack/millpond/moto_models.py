"""How a class of ours takes the place of one of moto's models, in one checked way."""

from __future__ import annotations

from types import ModuleType


def stand_in(models: ModuleType, name: str, ours: type) -> None:
    """Let moto make `ours` wherever its module of models makes the class `name`.

    Args:
        models: The module whose functions make the class, as `moto.sqs.models`.
        name: The class's name there.
        ours: What is made instead: a subclass of it.

    Raises:
        TypeError: The module has no such class, or ours is not made of it: moto is not the version that
            this was written for, and would go on with its own class unnoticed.
    """
    theirs = getattr(models, name, None)
    if not (isinstance(theirs, type) and issubclass(ours, theirs)):
        raise TypeError(f"{ours.__qualname__} is no {models.__name__}.{name}: moto's version is another one.")
    setattr(models, name, ours)
