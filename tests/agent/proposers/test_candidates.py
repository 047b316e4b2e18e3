"""Candidates: what they are learned from, and which of them becomes a trial."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from itertools import count as count_from

import numpy as np
import pytest

from agent.proposers import candidates
from agent.proposers.candidates import RANDOM, Candidates
from agent.proposers.prior import Prior
from agent.proposers.proposer import FAILED, Proposer, Seen, ranked
from agent.proposers.species import APART, members, species
from agent.study.remembered import remembered
from agent.study.samplers import ROUNDS
from search_space.mutate import moved
from search_space.part import Structure
from search_space.sample import random_specs
from search_space.spec import Spec, make_spec

LION = make_spec({"direction": {"part": "sign"}, "schedule": {"part": "cosine", "lr": 1e-2}})
SOAP = make_spec({"precondition": {"part": "soap"}, "direction": {"part": "muon"}})

Make = Callable[[int, str | None], list[Spec]]
"""How many specs, of which species."""


def likes(spec: Spec, count: int) -> list[Spec]:
    """The same parts with other numbers."""
    draw = np.random.default_rng(0)
    return [spec, *(moved(spec, draw, 1.0, 0.1, "any") for _ in range(count - 1))]


def of_values(*specs: Spec) -> Candidates:
    """With values 1, 2, 3 and so on, as those of trial 0."""
    candidates = Candidates()
    candidates.keep(0, [Seen(spec, (0.0, 1.0 + i)) for i, spec in enumerate(specs)])
    return candidates


def promising(candidates: Candidates, *tried: Spec) -> Spec | None:
    candidates.tried = [Seen(spec, (0.0, 1.0)) for spec in tried]
    return candidates.promising()


def test_what_another_coordinator_adds_to_its_trial_is_read() -> None:
    """It writes them in steps, and what a killed one wrote is measured again."""
    theirs, ours = Candidates(), Candidates()
    lion, soap = Seen(LION, (0.0, 2.0)), Seen(SOAP, (0.0, 1.0))
    ours.add(0, json.loads(json.dumps(theirs.keep(0, [lion]))), ended=False)
    assert promising(ours) == LION
    ours.add(0, json.loads(json.dumps(theirs.keep(0, [soap]))), ended=False)
    assert promising(ours) == SOAP
    theirs.begin(0)
    ours.add(0, json.loads(json.dumps(theirs.keep(0, [lion]))), ended=True)
    assert promising(ours) == LION


class Told(Proposer):
    """Proposes at random or as `make` does; keeps what it was shown and what was wanted."""

    def __init__(self, make: Make | None = None) -> None:
        self._make = make
        self.learned: list[Sequence[Seen]] = []
        self.within: list[str | None] = []

    def propose(
        self,
        seen: Sequence[Seen],
        structure: Structure,
        draw: np.random.Generator,
        count: int = 1,
        within: str | None = None,
    ) -> list[Spec]:
        self.learned.append(seen)
        self.within.append(within)
        if self._make:
            return self._make(count, within)
        return Prior().propose(seen, structure, draw, count)


class Screen:
    count = 8
    searched = True

    def measured(self, specs: Sequence[Spec]) -> list[Seen]:
        return [Seen(spec, (0.0, 1.0)) for spec in specs]


def test_after_the_random_ones_each_round_learns_from_all_before_it() -> None:
    candidates, proposer, draw = Candidates(), Told(), np.random.default_rng(0)
    for trial in range(4):
        measured = candidates.search(proposer, "tables", draw, Screen())
        assert len(measured) == ROUNDS * Screen.count
        candidates.keep(trial, measured)
    shown = [len(seen) for seen in proposer.learned]
    assert shown == list(range(RANDOM, 4 * ROUNDS * Screen.count, Screen.count))


def in_coordinates() -> Make:
    """Makes specs in the coordinates that are wanted, or given, each with another number."""
    numbers = count_from(1)

    def make(count: int, within: str | None) -> list[Spec]:
        coordinates = {"part": within or "given"}
        return [
            make_spec({"coordinates": coordinates, "schedule": {"lr": 1 / next(numbers)}})
            for _ in range(count)
        ]

    return make


class Hard(Screen):
    """All specs in product coordinates fail."""

    def measured(self, specs: Sequence[Spec]) -> list[Seen]:
        return [Seen(spec, FAILED if species(spec) == "product" else (0.0, 1.0)) for spec in specs]


def test_random_rounds_are_of_all_species_and_later_ones_of_what_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random, learning = Told(in_coordinates()), Told(in_coordinates())
    monkeypatch.setattr(candidates, "Prior", lambda: random)
    found, draw = Candidates(), np.random.default_rng(0)
    for trial in range(20):
        found.keep(trial, found.search(learning, "attention", draw, Hard()))
    first = RANDOM // Screen.count
    assert random.within[:4] == ["given", "factors", "balanced", "product"]
    assert set(random.within[4:first]) == set(random.within[:4])
    assert set(random.within[first:]) == {"product"}
    assert set(learning.within) == {None, "given", "factors", "balanced"}


def test_three_of_four_learned_rounds_make_all_species_equally_many() -> None:
    """Rounds of all make specs in the given coordinates here, so these have few of their own."""
    learning, found, draw = Told(in_coordinates()), Candidates(), np.random.default_rng(0)
    measured = list[Seen]()
    for trial in range(40):
        new = found.search(learning, "attention", draw, Screen())
        found.keep(trial, new)
        measured += new
    rounds = Counter(learning.within)
    expected = (1 - APART) * rounds.total()
    # four standard deviations of a binomial count
    assert abs(rounds[None] - expected) < 4 * expected**0.5
    counts = Counter(species(one.spec) for one in measured)
    others = [counts[name] for name in ("factors", "balanced", "product")]
    assert max(others) - min(others) <= Screen.count
    assert rounds["given"] < rounds["product"] / 2


def test_the_best_is_run_first_and_none_twice() -> None:
    first, second, third = likes(LION, 3)
    candidates = of_values(first, second, third)
    assert promising(candidates) == first
    assert promising(candidates, first) == second
    assert promising(candidates, first, second) == third
    assert promising(candidates, first, second, third) is None


@pytest.mark.parametrize(("tried", "chosen"), [(1, "another"), (3, "another"), (4, "soap")])
def test_each_trial_with_the_same_parts_doubles_a_place(tried: int, chosen: str) -> None:
    """After n trials of LION's parts its next candidate has place 2^n, and SOAP place 14 - n."""
    lions = likes(LION, 13)
    candidates = of_values(*lions, SOAP)
    expected = SOAP if chosen == "soap" else lions[tried]
    assert promising(candidates, *lions[:tried]) == expected


@pytest.mark.parametrize("better", [LION, SOAP])
def test_how_trials_came_out_decides_of_candidates_like_them(
    better: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the screen says, which has all lions first."""
    monkeypatch.setattr(candidates, "APART", 0.0)
    lions, soaps = likes(LION, RANDOM // 2), likes(SOAP, RANDOM // 2)
    found, proposer = of_values(*lions, *soaps), Told()
    found.tried = [Seen(spec, (0.0, float(spec != better))) for spec in (LION, SOAP)]
    assert found.promising() == (lions if better == LION else soaps)[1]
    found.search(proposer, "tables", np.random.default_rng(0), Screen())
    first = ranked(proposer.learned[-1][:RANDOM])[0].spec
    assert first == better


def test_within_a_species_how_trials_of_others_came_out_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The best of product coordinates was worse than all others at full scale, and leads them."""
    monkeypatch.setattr(candidates, "APART", 1.0)
    numbers = {"product": 5, "given": RANDOM, "factors": 20, "balanced": 20}
    signs, others, *rest = (
        likes(make_spec({"coordinates": {"part": name}, "direction": {"part": "sign"}}), number)
        for name, number in numbers.items()
    )
    whole = {"coordinates": {"part": "product"}, "direction": {"part": "muon"}}
    products = [*signs, *likes(make_spec(whole), 5)]
    found, proposer = of_values(*products, *others, *chain(*rest)), Told(in_coordinates())
    found.tried = [Seen(products[0], (0.0, 9.0)), *(Seen(one, (0.0, 1.0)) for one in others[:9])]
    found.search(proposer, "attention", np.random.default_rng(0), Screen())
    assert proposer.within[0] == "product"
    assert [one.spec for one in ranked(members(proposer.learned[0], "product"))] == products


def test_parts_in_common_with_trials_that_were_no_candidates_count_as_well() -> None:
    lions = likes(LION, 8)
    candidates = of_values(*lions[:3], SOAP)
    assert promising(candidates, *lions[3:]) == SOAP


def test_of_equal_values_one_is_run() -> None:
    """Specs that differ in what has no effect have the same value to the last bit."""
    one, same, other = likes(LION, 3)
    candidates = Candidates()
    values = {one: 1.0, same: 1.0, other: 2.0}
    candidates.keep(0, [Seen(spec, (0.0, value)) for spec, value in values.items()])
    assert promising(candidates, one) == other
    assert promising(candidates, same) == other
    assert promising(candidates, one, other) is None


def test_what_has_the_result_of_a_trial_to_the_last_bit_is_not_new() -> None:
    tried, copy, other = (
        Seen(spec, (0.0, 9.01), loss)
        for spec, loss in zip(likes(LION, 3), (0.5, 0.5, 0.5000001), strict=True)
    )
    candidates = Candidates()
    candidates.keep(0, [tried])
    candidates.tried = [Seen(tried.spec, (0.0, 31.0))]
    assert candidates.new([copy, other, tried]) == [other]
    unlike = Seen(SOAP, (0.0, 9.01), 0.5)
    assert candidates.new([unlike]) == [unlike]


def test_candidates_of_an_earlier_version_have_no_loss() -> None:
    tried, copy = likes(LION, 2)
    candidates = Candidates()
    candidates.add(0, json.loads(json.dumps([[tried.to_json(), 0.0, 1.0]])))
    candidates.tried = [Seen(tried, (0.0, 1.0))]
    assert not candidates.new([Seen(copy, (0.0, 1.0))])


def test_a_failed_one_is_not_run() -> None:
    candidates = Candidates()
    candidates.keep(0, [Seen(LION, FAILED), Seen(SOAP, (0.0, 5.0))])
    assert promising(candidates) == SOAP
    assert promising(candidates, SOAP) is None


def test_what_failed_as_a_trial_has_failed_whatever_the_screen_says() -> None:
    specs = random_specs(RANDOM, 0, "tables")
    known, proposer = of_values(*specs), Told()
    known.tried = [Seen(specs[0], FAILED)]
    known.search(proposer, "tables", np.random.default_rng(0), Screen())
    places = {one.spec.identifier: one.place for one in proposer.learned[-1]}
    assert places[specs[0].identifier] == FAILED
    assert places[specs[1].identifier] == (0.0, 2.0)
    copy = make_spec(specs[0].to_json() | {"averaging": {"part": "swa"}})
    known.keep(1, [Seen(copy, (0.0, 1.0))])
    assert known.promising() == specs[1], "and its copies are not run"


def test_of_a_long_study_only_the_remembered_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "remembered", partial(remembered, most=4))
    specs = random_specs(12, 0, "tables")
    long, read = Candidates(), []
    for trial, spec in enumerate(specs):
        long.add(trial, [(spec.to_json(), 0.0, 12.0 - trial, None)])
    monkeypatch.setattr(candidates, "make_spec", lambda spec: read.append(spec) or make_spec(spec))
    assert promising(long) == specs[-1]
    assert len(read) == 4
    assert promising(long, specs[-1]) == specs[-2]
    assert len(read) == 4, "and those once"


def test_what_was_kept_is_what_is_read() -> None:
    """In another process, from what the storage has."""
    first, second = likes(LION, 2)
    ours, other = Candidates(), Candidates()
    ours.keep(0, [Seen(first, FAILED)])
    other.add(0, json.loads(json.dumps(ours.keep(0, [Seen(SOAP, (0.0, 2.0))]))))
    other.keep(1, [Seen(second, (0.0, 1.0))])
    assert [promising(other, *tried) for tried in ([], [second], [second, SOAP])] == [
        second,
        SOAP,
        None,
    ]


@pytest.mark.parametrize(
    ("values", "spent"),
    [
        ([4.0] * 8 + [9.0], True),
        ([4.0] * 7 + [9.0], False),
        ([4.003, 4.01, *[4.0] * 6], True),
        ([4.0] * 7, False),
        ([1e-6 * 1.1**i for i in range(40)], False),
        ([], False),
    ],
)
def test_the_screen_is_exhausted_where_the_best_are_equal(
    values: Sequence[float], spent: bool
) -> None:
    candidates = Candidates()
    specs = zip(random_specs(40, 0, "tables"), values, strict=False)
    measured = [Seen(spec, (0.0, value)) for spec, value in specs]
    candidates.keep(0, [*[Seen(SOAP, FAILED)] * 9, *measured])
    assert candidates.exhausted() == spent


def test_what_failed_as_a_trial_exhausts_nothing() -> None:
    candidates = Candidates()
    specs = random_specs(8, 0, "tables")
    candidates.keep(0, [Seen(spec, (0.0, 4.0)) for spec in specs])
    assert candidates.exhausted()
    candidates.tried = [Seen(specs[0], FAILED)]
    assert not candidates.exhausted()


def test_one_set_of_parts_with_other_numbers_exhausts_nothing() -> None:
    candidates = Candidates()
    candidates.keep(0, [Seen(spec, (0.0, 4.0)) for spec in likes(LION, 20)])
    assert not candidates.exhausted()
