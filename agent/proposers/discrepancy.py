"""What trials tell of candidates: the ranks of the screen, corrected by how trials came out.

A cheap result plus its discrepancy from the expensive one, learned where both are known, is how
Kennedy and O'Hagan 2000, doi:10.1093/biomet/87.1.1, predict a long computation; here both are
ranks.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agent.proposers.diversity import nearness
from agent.proposers.forest import normal_scores
from agent.proposers.proposer import FAILED, UNCLIMBED, Seen

DOUBT = 0.1
"""Weight of a discrepancy of zero beside those of the trials."""


def corrected(candidates: Sequence[Seen], tried: Sequence[Seen]) -> list[Seen]:
    """The candidates in order, with places that agree with the results of trials.

    With z_i the normal score of a candidate's rank at the screen, and z'_t the scores of the
    candidates that became trials, exchanged so that they are in the order of the trials' results,
    its new value is

        z_i + sum_t w_it (z'_t - z_t) / (DOUBT + sum_t w_it),   w_it = s_it^NEARNESS,

    with s the share of parts that two have in common (intersection by union). What failed at the
    screen stays failed.
    """
    index = {one.spec.identifier: i for i, one in enumerate(candidates)}
    ended = {
        index[one.spec.identifier]: one.place
        for one in tried
        if one.spec.identifier in index and one.place[0] != UNCLIMBED
    }
    if len(ended) < 2:
        return list(candidates)
    scores = normal_scores(candidates)
    trials = list(ended)
    best_first = sorted(trials, key=lambda i: ended[i])
    exchanged = dict(zip(best_first, sorted(scores[trials]), strict=True))
    differences = np.array([exchanged[i] - scores[i] for i in trials])
    specs = [one.spec for one in candidates]
    weights = nearness(specs, [specs[t] for t in trials])
    scores = scores + weights @ differences / (DOUBT + weights.sum(axis=1))
    return [
        one if one.place == FAILED else replace(one, place=(0.0, float(score)))
        for one, score in zip(candidates, scores, strict=True)
    ]
