"""Good specs of different parts: of many with the same parts only the first ones are taken."""

from collections.abc import Sequence

import numpy as np

from agent.knowledge.tried import parts_in
from search_space.spec import Spec


def diverse(ranked: Sequence[Spec], count: int, tried: Sequence[Spec] = ()) -> list[Spec]:
    """`count` of the specs `ranked`, the best first, or all of them where there are fewer.

    The next one is that of the smallest (i + 1) 2^(s_1 + s_2 + ...), the earliest of equals: i is
    its place, and s the share of parts that it has in common with each one taken before and with
    each one `tried`: of two sets of parts the size of the intersection by that of the union. So
    each spec taken doubles the places of those with the same parts: what is near the others
    in a batch counts less, as in Gonzalez et al. 2016, arXiv:1505.08052.
    """
    parts = [parts_in(spec) for spec in ranked]
    places, handicap = np.arange(1.0, len(ranked) + 1), np.zeros(len(ranked))
    for spec in tried:
        handicap += _in_common(parts_in(spec), parts)
    taken: list[int] = []
    for _ in range(min(count, len(ranked))):
        index = int(np.argmin(places * 2**handicap))
        taken.append(index)
        places[index] = np.inf
        handicap += _in_common(parts[index], parts)
    return [ranked[index] for index in taken]


def _in_common(one: frozenset[str], others: Sequence[frozenset[str]]) -> np.ndarray:
    """[others], from 0 to 1."""
    return np.array([len(one & other) / len(one | other) for other in others])
