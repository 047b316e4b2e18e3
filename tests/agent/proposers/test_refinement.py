"""Refinements: other numbers for the best complete trials, which start at the top of the ladder."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest

from agent.proposers.proposer import FAILED, Seen
from agent.proposers.refinement import PARENTS, refinement
from agent.proposers.samplers import make_sampler
from agent.study.ledger import Ledger
from agent.study.samplers import FIRST_DRAWS, REFINED, turns
from agent.study.trial_table import REFINES
from agent.study.workspace import Workspace
from helpers.studies import SETTINGS, STRONG, finish
from search_space.mutate import moved, shares
from search_space.recipes import RECIPES
from search_space.registry import get_kind
from search_space.sample import random_specs, record, sample_spec, trial_params
from search_space.spec import Spec, make_spec
from tracks.isolation.launcher import Launcher
from tracks.registry import get_track


def specs(count: int, seed: int = 0) -> list[Spec]:
    return random_specs(count, seed, "tables")


@pytest.mark.parametrize("seed", range(8))
def test_it_has_the_parts_of_a_complete_trial_and_other_numbers(seed: int) -> None:
    good, better, stopped, failed = specs(4, seed)
    seen = [
        Seen(good, (0.0, 2.0)),
        Seen(better, (0.0, 1.0)),
        Seen(stopped, (1.0, 0.0)),
        Seen(failed, FAILED),
    ]
    draw = np.random.default_rng(seed)
    made = [refinement(seen, "tables", draw) for _ in range(12)]
    parts = [spec.parts() for spec in made if spec]
    assert len(parts) == 12
    assert better.parts() in parts
    assert all(one in (good.parts(), better.parts()) for one in parts)
    assert not {spec.identifier for spec in made if spec} & {one.spec.identifier for one in seen}


def test_of_equal_parts_only_the_best_is_a_parent_and_of_others_a_few() -> None:
    draw = np.random.default_rng(1)
    other_numbers = make_spec(
        {**STRONG.phases[0].to_json(), "schedule": {"part": "wsd", "lr": 1e-4, "decay": 0.6}}
    )
    many = specs(8, 3)
    seen = [Seen(spec, (0.0, 2.0 + i)) for i, spec in enumerate([*many, other_numbers])]
    seen.append(Seen(STRONG, (0.0, 1.0)))
    made = [refinement(seen, "tables", draw) for _ in range(60)]
    found = {names(spec) for spec in made if spec}
    assert found == {names(spec) for spec in [STRONG, *many[: PARENTS - 1]]}
    few = [spec for spec in made if spec and spec.parts() == STRONG.parts()]
    assert all(step_size(spec) > 0.01 for spec in few), "not of the best numbers"


def test_copies_of_the_best_are_no_parents_beside_it() -> None:
    """The same result to the last bit, and a part more."""
    copy = make_spec(STRONG.to_json() | {"averaging": {"part": "swa"}})
    seen = [Seen(STRONG, (0.0, 1.0)), Seen(copy, (0.0, 1.0)), Seen(specs(1)[0], (0.0, 2.0))]
    draw = np.random.default_rng(1)
    made = [refinement(seen, "tables", draw) for _ in range(40)]
    assert {names(spec) for spec in made if spec} == {names(one.spec) for one in seen[::2]}


def names(spec: Spec) -> tuple[str, ...]:
    return tuple(part.name for part in spec.parts())


def step_size(spec: Spec) -> float:
    return spec.phases[0]["schedule"]["lr"]


def test_there_is_none_without_a_complete_trial_or_a_number() -> None:
    stopped = Seen(specs(1)[0], (1.0, 0.0))
    assert refinement([stopped], "tables", np.random.default_rng(0)) is None


@pytest.mark.parametrize("name", RECIPES)
def test_numbers_move_and_stay_in_their_ranges(name: str) -> None:
    spec, draw = RECIPES[name], np.random.default_rng(5)
    if len(spec.phases) > 2:
        pytest.skip("three phases cannot be sampled")
    child = moved(spec, draw, 1.0, 0.1, "any")
    assert child.parts() == spec.parts()
    assert child != spec
    nearby = moved(spec, draw, 1.0, 1e-9, "any")
    assert distance(nearby, spec) < 1e-6 < distance(child, spec)
    assert trial_params(child, "any")
    assert moved(spec, draw, 0.0, 0.1, "any") == spec


def distance(one: Spec, other: Spec) -> float:
    """The largest difference of a number, as a share of its range."""
    pairs = [*zip(one.run.choices, other.run.choices, strict=True)]
    for a, b in zip(one.phases, other.phases, strict=True):
        pairs += zip(a.choices, b.choices, strict=True)
    found = [0.0]
    for (name, first), (_, second) in pairs:
        numbers = zip(shares(get_kind(name), first), shares(get_kind(name), second), strict=True)
        found += [abs(x - y) for (_, x), (_, y) in numbers if x is not None and y is not None]
    return max(found)


class Screen:
    """All values are equal there, and losses as `loss` has them; keeps what it was asked."""

    count = 2

    def __init__(self, loss: Callable[[Spec], float], *, searched: bool = False) -> None:
        self.loss, self.searched = loss, searched
        self.asked: list[Sequence[Spec]] = []

    def measured(self, specs: Sequence[Spec]) -> list[Seen]:
        self.asked.append(specs)
        return [Seen(spec, (0.0, 1.0), self.loss(spec)) for spec in specs]


def of_all(spec: Spec) -> float:
    """Differs with every number."""
    return float(int(spec.identifier, 16))


def of_parts(spec: Spec) -> float:
    """As if no number had an effect."""
    return float(sum(map(ord, "".join(names(spec)))))


def refined_in(screen: Screen, trials: int) -> list[int]:
    """Which trials of a study are refinements."""
    study = optuna.create_study(sampler=make_sampler("forest", 2, "tables", screen, refines=True))
    for number in range(trials):
        trial = study.ask()
        sample_spec(trial, "tables")
        study.tell(trial, float(number))
    proposed = [record(spec, "tables").params for specs in screen.asked for spec in specs]
    assert all(trial.params in proposed for trial in study.trials)
    return [t.number for t in study.trials if t.user_attrs.get(REFINES)]


@pytest.mark.parametrize(("searched", "every"), [(True, 3), (False, 2)])
def test_it_takes_turns_with_the_other_ways(searched: bool, every: int) -> None:
    trials, screen = FIRST_DRAWS + 9, Screen(of_all, searched=searched)
    refined = refined_in(screen, trials)
    assert refined == [n for n in range(FIRST_DRAWS, trials) if n % every == 0]
    assert turns(searched=searched) == every
    assert [len(specs) for specs in screen.asked].count(1) == len(refined), "one is enough"


def test_where_no_number_has_an_effect_the_trial_is_proposed_instead() -> None:
    screen = Screen(of_parts)
    assert not refined_in(screen, FIRST_DRAWS + 4)
    assert [len(specs) for specs in screen.asked].count(1) == 2 * REFINED


def test_it_starts_at_the_top_of_the_ladder(launcher: Launcher, workspace_folder: Path) -> None:
    proxies = get_track("mqar").proxies["small"]
    settings = replace(SETTINGS, ladder=proxies, sampler="evolution", budget=16, recipes=False)
    study = Ledger(Workspace(workspace_folder)).create("refined", settings)
    study.enqueue(trial_params(STRONG, "tables"))
    finish(launcher, study)
    refined = [trial for trial in study.finished() if trial.refines]
    assert [trial.number for trial in refined] == [12, 14]
    assert all(trial.outcome.scale == "small" and not trial.outcome.rungs for trial in refined)
    assert any(trial.outcome.rungs for trial in study.finished() if not trial.refines)
