"""Specs that are worth a trial or children beside others: of other parts, or of other results."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.knowledge.prediction import Parts
from agent.knowledge.tried import parts_in
from agent.proposers.proposer import FAILED, Seen, ranked
from search_space.spec import Spec

NEARNESS = 4
"""Power of the share of parts in common by which a trial counts for another spec."""
COPY = 0.5
"""Share of the parts that specs of equal results have in common, when one is a copy: half where it
has a second phase that is as the first."""


def unlike(ranked: Sequence[Spec], tried: Sequence[Spec]) -> Spec | None:
    """One of the specs `ranked`, the best first; None where there are none.

    It is that of the smallest (i + 1) 2^(s_1^4 + s_2^4 + ...), the earliest of equals: i is its
    place, and s the share of parts that it has in common with each one `tried`: of two sets of
    parts the size of the intersection by that of the union. So each one tried doubles the places of
    those with the same parts: what is near others counts less, as in Gonzalez et al. 2016,
    arXiv:1505.08052. The power, NEARNESS, is there for long studies: without it 40 trials that each
    share half of its parts would put a spec 20 doublings behind what shares nothing.
    """
    if not ranked:
        return None
    # a product of 2,000 powers would overflow
    doublings = np.log2(np.arange(1, len(ranked) + 1)) + nearness(ranked, tried).sum(axis=1)
    return ranked[int(np.argmin(doublings))]


def nearness(ones: Sequence[Spec], others: Sequence[Spec]) -> NDArray[np.float64]:
    """How much each of `others`, as a trial, counts for each of `ones`: [ones, others], 0 to 1."""
    shares = all_in_common([parts_in(spec) for spec in ones], [parts_in(spec) for spec in others])
    return shares**NEARNESS


def is_copy(one: Seen, other: Seen) -> bool:
    """Whether two have the same result and half of their parts or more.

    Specs that differ only in what has no effect have the same result to the last bit, and a search
    would take them for as many successes. Where few results are possible, as of accuracies,
    others may have the same by chance, if no training losses are known.
    """
    if _result(one) != _result(other):
        return False
    return in_common(parts_in(one.spec), parts_in(other.spec)) >= COPY


def distinct(seen: Sequence[Seen]) -> list[Seen]:
    """Those that did not fail, the best first, without copies of earlier ones."""
    found = list[Seen]()
    of_result: dict[object, list[Seen]] = {}
    for one in ranked(seen):
        equals = of_result.setdefault(_result(one), [])
        if one.place != FAILED and not any(is_copy(one, other) for other in equals):
            equals.append(one)
            found.append(one)
    return found


def unseen(specs: Iterable[Spec], seen: Sequence[Seen]) -> list[Spec]:
    """Those of the specs that are not seen, each once."""
    known = {one.spec.identifier for one in seen}
    new = {spec.identifier: spec for spec in specs if spec.identifier not in known}
    return list(new.values())


def best(seen: Sequence[Seen], most: int) -> list[Spec]:
    """The specs of the best trials that did not fail, `most` of them, without copies."""
    return [one.spec for one in distinct(seen)[:most]]


def _result(one: Seen) -> object:
    """By which copies are equal: places may be corrected, losses are as they were measured."""
    return one.place if one.last_loss is None else one.last_loss


def in_common(one: Parts, other: Parts) -> float:
    """The share of two sets of parts that both have, from 0 to 1."""
    return len(one & other) / len(one | other)


def all_in_common(ones: Sequence[Parts], others: Sequence[Parts]) -> NDArray[np.float64]:
    """The shares [ones, others] that each has in common with each, for many sets."""
    names = sorted(frozenset[str]().union(*ones, *others))
    rows, columns = _one_hot(ones, names), _one_hot(others, names)
    both = rows @ columns.T
    shares: NDArray[np.float64] = both / (rows.sum(axis=1)[:, None] + columns.sum(axis=1) - both)
    return shares


def _one_hot(sets: Sequence[Parts], names: Sequence[str]) -> NDArray[np.float64]:
    rows = [[name in parts for name in names] for parts in sets]
    return np.array(rows, float).reshape(len(sets), len(names))
