"""A forest that predicts results, and asks for what may improve on the best."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from agent.knowledge.prediction import Prediction
from agent.proposers.diversity import unseen
from agent.proposers.evolution import children, neighbours
from agent.proposers.prior import Prior
from agent.proposers.proposer import Proposer, Seen
from agent.proposers.species import belongs
from search_space.mutate import shares
from search_space.part import Structure
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.spec import Spec
from search_space.walk import Place

POOL, RANDOM = 200, 0.2
"""Candidates for a trial, and which share of them is drawn from the prior."""
TREES, LEAF, COLUMNS = 100, 2, 0.5
"""Their number, the least of trials in a leaf, and the share of columns offered to a split."""
NEAR = 0.5
"""Of many specs that are asked for, how many are neighbours of the best."""
OTHERS = 0.1
"""Weight of trials of other species: what they tell of a part may not hold in this one."""
LEAST_SPREAD = 1e-3
"""Of the trees' predictions, in standard deviations of the results."""
FITTED = 30_000
"""Trials times trees, as many as may be fitted: with more than 300 trials there are fewer trees."""
CODED = 4096
"""Specs whose features are kept, so that those of a study are made once."""
NORMAL = NormalDist()
PLACES = [Place(kind, None) for kind in RUN_KINDS]
PLACES += [Place(kind, phase) for phase in (0, 1) for kind in PHASE_KINDS]


class Forest(Proposer):
    """The candidates with the largest expected improvement under a forest of random trees.

    Candidates are children of the best trials, by evolution, and some random specs. The model is
    extremely randomised trees (Geurts et al. 2006) on indicators of parts and on their numbers;
    mean and spread are those of the trees' predictions, as in SMAC (Hutter et al. 2011), and
    EI = s (z Phi(z) + phi(z)), z = (best - mean) / s (Jones et al. 1998), with the best of the
    species that is wanted, in which trials of others count OTHERS. Results are modelled as
    the normal scores of their ranks, so that failures and pruned trials count as what they are.

    Where several are asked for, half of them are the best with one change each, as in a local
    search, which the forest does not judge: it cannot tell them from their parents, so they seem
    to promise less than what is far and unknown.
    """

    def propose(
        self,
        seen: Sequence[Seen],
        structure: Structure,
        draw: np.random.Generator,
        count: int = 1,
        within: str | None = None,
    ) -> list[Spec]:
        state = int(draw.integers(2**31))
        candidates = _candidates(seen, structure, draw, within)
        mean, spread = predicted(seen, candidates, state, within)
        best = normal_scores(seen)[_belong(seen, within)].min()
        gains = [Prediction(*of).gain_below(best) for of in zip(mean, spread, strict=True)]
        order = np.argsort(-np.array(gains), kind="stable")
        near = neighbours(seen, structure, draw, int(NEAR * count), within)
        return [*(candidates[index] for index in order[: count - len(near)]), *near]


def predicted(
    seen: Sequence[Seen], specs: Sequence[Spec], random_state: int, within: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """[specs] twice: the mean of the trees' predictions of normal scores, and their spread."""
    from sklearn.ensemble import ExtraTreesRegressor  # it takes a second to load

    rows = [features(one.spec) for one in seen]
    columns = sorted(set().union(*rows))
    forest = ExtraTreesRegressor(
        min(TREES, FITTED // len(seen)),
        min_samples_leaf=LEAF,
        max_features=COLUMNS,
        random_state=random_state,
    )
    weights = np.where(_belong(seen, within), 1.0, OTHERS)
    forest.fit(_matrix(rows, columns), normal_scores(seen), sample_weight=weights)
    asked = _matrix([features(spec) for spec in specs], columns)
    votes = np.stack([tree.predict(asked) for tree in forest.estimators_])
    return votes.mean(axis=0), votes.std(axis=0) + LEAST_SPREAD


def normal_scores(seen: Sequence[Seen]) -> np.ndarray:
    """[trials], quantiles of the normal distribution at the ranks of the results."""
    places = [one.place for one in seen]
    order = {place: index for index, place in enumerate(sorted(set(places)))}
    codes = np.array([order[place] for place in places])
    counts = np.bincount(codes)
    # equal results share the mean of their ranks
    ranks = counts.cumsum() - (counts - 1) / 2
    return np.array([NORMAL.inv_cdf((rank - 0.5) / len(places)) for rank in ranks[codes]])


@lru_cache(CODED)
def features(spec: Spec) -> Mapping[str, float]:
    """1 for each part, and each number as a share of its range, from 0.5 to 1.5.

    A number that the spec does not have is 0 in the matrix; an optional one that is off is 0.2.
    """
    found = {"phases": float(len(spec.phases)), "2.from": spec.phases[-1].start}
    for place in PLACES:
        choice = place.of(spec)
        found[f"{place.name}={choice.part}"] = 1.0
        for name, part in shares(place.kind, choice):
            found[f"{place.name}.{choice.part}.{name}"] = 0.2 if part is None else 0.5 + part
    return found


def _candidates(
    seen: Sequence[Seen], structure: Structure, draw: np.random.Generator, within: str | None
) -> list[Spec]:
    """Specs that the study does not have: the random ones first, then children of its best."""
    random = int(RANDOM * POOL)
    drawn = Prior().propose(seen, structure, draw, random, within)
    drawn += children(seen, structure, draw, POOL - random, within)
    return unseen(drawn, seen)


def _belong(seen: Sequence[Seen], within: str | None) -> list[bool]:
    return [belongs(one.spec, within) for one in seen]


def _matrix(rows: Sequence[Mapping[str, float]], columns: Sequence[str]) -> np.ndarray:
    return np.array([[row.get(column, 0.0) for column in columns] for row in rows])
