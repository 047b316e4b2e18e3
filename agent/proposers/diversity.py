"""A good spec of other parts than were tried: trials with the same parts hold a spec back."""

from collections.abc import Sequence

import numpy as np

from agent.knowledge.tried import parts_in
from search_space.spec import Spec


def unlike(ranked: Sequence[Spec], tried: Sequence[Spec]) -> Spec | None:
    """One of the specs `ranked`, the best first; None where there are none.

    It is that of the smallest (i + 1) 2^(s_1 + s_2 + ...), the earliest of equals: i is its place,
    and s the share of parts that it has in common with each one `tried`: of two sets of parts the
    size of the intersection by that of the union. So each one tried doubles the places of those
    with the same parts: what is near others counts less, as in Gonzalez et al. 2016,
    arXiv:1505.08052.
    """
    if not ranked:
        return None
    parts, places = [parts_in(spec) for spec in ranked], np.arange(1.0, len(ranked) + 1)
    for spec in tried:
        places *= 2 ** _in_common(parts_in(spec), parts)
    return ranked[int(np.argmin(places))]


def _in_common(one: frozenset[str], others: Sequence[frozenset[str]]) -> np.ndarray:
    """[others], from 0 to 1."""
    return np.array([len(one & other) / len(one | other) for other in others])
