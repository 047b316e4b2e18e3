"""Which trials of a long study are learned from, so that a proposal takes no longer and longer."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

REMEMBERED = 1000
"""Trials that a proposer sees, at most."""
Item = TypeVar("Item")


def remembered(
    items: Sequence[Item], place: Callable[[Item], Any], most: int = REMEMBERED
) -> list[Item]:
    """All items, or half of `most` the best and the others the latest, in order.

    A lower place is better; of equals the earliest counts as the best.
    """
    if len(items) <= most:
        return list(items)
    order = range(len(items))
    kept = set(sorted(order, key=lambda index: place(items[index]))[: most // 2])
    others = [index for index in order if index not in kept]
    kept |= set(others[len(kept) - most :])
    return [items[index] for index in order if index in kept]
