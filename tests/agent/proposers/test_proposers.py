"""Proposers make more of what was good."""

import numpy as np
import pytest

from agent.knowledge.tried import parts_in
from agent.proposers.diversity import distinct
from agent.proposers.evolution import PARENTS, Evolution, neighbours
from agent.proposers.forest import Forest, normal_scores
from agent.proposers.proposer import FAILED, Proposer, Seen
from agent.proposers.samplers import PROPOSERS
from search_space.mutate import Drawn
from search_space.spec import Spec
from search_space.walk import walk


def cost(spec: Spec) -> float:
    """A planted optimum: weights are averaged, and the decay rate of the momentum is short."""
    return float(spec.run["averaging"].part == "none") + float(
        spec.phases[0]["magnitude"].part == "none"
    )


def history(count: int, seed: int) -> list[Seen]:
    draw = np.random.default_rng(seed)
    specs = [walk(Drawn(draw), "any") for _ in range(count)]
    return [Seen(spec, (0.0, cost(spec))) for spec in specs]


@pytest.mark.parametrize("proposer", PROPOSERS.values(), ids=PROPOSERS)
def test_what_made_trials_good_is_proposed_more_often(proposer: Proposer) -> None:
    seen = history(100, 0)
    proposed = [proposer.propose(seen, "any", np.random.default_rng(i))[0] for i in range(40)]
    assert np.mean([cost(spec) for spec in proposed]) < 0.5
    assert np.mean([one.place[1] for one in seen]) > 1.2
    assert len({spec.identifier for spec in proposed}) > 35, "the same again and again"


@pytest.mark.parametrize("proposer", PROPOSERS.values(), ids=PROPOSERS)
def test_one_good_trial_among_failures_is_what_proposals_come_from(proposer: Proposer) -> None:
    good, *others = history(12, 1)
    wanted = good.spec.phases[0]["direction"].part
    failed = [one.spec for one in others if one.spec.phases[0]["direction"].part != wanted]
    seen = [Seen(good.spec, (0.0, 1.0)), *(Seen(spec, FAILED) for spec in failed)]
    draw = np.random.default_rng(2)
    proposed = [spec for _ in range(20) for spec in proposer.propose(seen, "any", draw)]
    assert sum(spec.phases[0]["direction"].part == wanted for spec in proposed) > 6


@pytest.mark.parametrize("proposer", PROPOSERS.values(), ids=PROPOSERS)
def test_failures_alone_leave_the_prior(proposer: Proposer) -> None:
    seen = [Seen(one.spec, FAILED) for one in history(3, 3)]
    specs = proposer.propose(seen, "any", np.random.default_rng(4), 3)
    assert len({spec.identifier for spec in specs}) == 3


def test_ranks_are_modelled_and_equal_results_are_equal() -> None:
    spec = history(1, 6)[0].spec
    places = [(0.0, 1e9), (0.0, 3.0), FAILED, FAILED, (1.0, 0.5)]
    scores = normal_scores([Seen(spec, place) for place in places])
    assert list(np.argsort(scores, kind="stable")) == [1, 0, 4, 2, 3]
    assert scores[2] == scores[3]
    assert abs(scores).max() < 2


def test_half_of_many_are_the_best_with_one_change() -> None:
    """Of parts: one left out, one put in or one exchanged, which is two."""
    seen = history(60, 7)
    best = [parts_in(one.spec) for one in distinct(seen)[:PARENTS]]
    known = {one.spec.identifier for one in seen}
    for seed in range(5):
        specs = Forest().propose(seen, "any", np.random.default_rng(seed), 8)
        changes = [min(len(parts_in(spec) ^ parts) for parts in best) for spec in specs]
        assert sum(few <= 2 for few in changes[4:]) >= 3, changes
        assert known.isdisjoint(spec.identifier for spec in specs)


def test_neighbours_of_nothing_are_none() -> None:
    draw, failed = np.random.default_rng(0), [Seen(one.spec, FAILED) for one in history(3, 3)]
    assert neighbours(failed, "any", draw, 4) == []
    assert len(neighbours(history(3, 3), "any", draw, 4)) == 4


def test_children_are_specs_that_the_study_does_not_have() -> None:
    seen = history(30, 1)
    specs = Evolution().propose(seen, "any", np.random.default_rng(0), 40)
    assert len(specs) == 40
    assert {one.spec.identifier for one in seen}.isdisjoint(spec.identifier for spec in specs)
