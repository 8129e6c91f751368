"""Runs work on a graph in order, several pieces at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Node = TypeVar("Node", bound=object)


def run_in_order(
    blockers: Mapping[Node, Set[Node]], act: Callable[[Node], None], workers: int
) -> dict[Node, Exception]:
    """Call `act` for every node after all its blockers; returns the nodes that raised.

    Once one has raised, nothing new is started: what runs is waited for, the rest is left undone.
    Blockers that are no nodes themselves are taken as done.
    """
    waiting = {node: {other for other in others if other in blockers} for node, others in blockers.items()}
    errors: dict[Node, Exception] = {}
    with ThreadPoolExecutor(workers, thread_name_prefix="deploy") as pool:
        running: dict[Future[None], Node] = {}
        while waiting or running:
            if not errors:
                for node in [node for node, others in waiting.items() if not others]:
                    del waiting[node]
                    running[pool.submit(act, node)] = node
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                node = running.pop(future)
                error = future.exception()
                if isinstance(error, Exception):
                    errors[node] = error
                elif error is not None:
                    raise error
                for others in waiting.values():
                    others.discard(node)
    return errors
