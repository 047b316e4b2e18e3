"""Invariants of the alpha ledger, of interim analyses and of records, on made-up cases."""

import json
import math
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verdict.alpha import TOTAL, AlphaLedger, Comparison
from agent.verdict.novelty import Novelty, NoveltyKind
from agent.verdict.sequential import ANALYSES, Decision, analyse, final_analysis, plan
from agent.verdict.statistics import paired_t_test
from agent.verdict.verdict import InterimAnalysis, Pair, Scores, Verdict
from helpers.verdicts import verdict
from tracks.instance import OFFICIAL_SEEDS
from tracks.isolation.levels import Level

DIFFERENCE = st.floats(-1e6, 1e6, allow_subnormal=False)
LEVEL = st.floats(1e-6, 0.5)
DECISIONS = st.lists(st.booleans() | st.none(), max_size=60)
"""Of comparisons, in order; None for one that is never decided."""


def after(decisions: list[bool | None]) -> AlphaLedger:
    ledger = AlphaLedger()
    for number, accepted in enumerate(decisions):
        ledger.level(str(number))
        if accepted is not None:
            ledger.decide(str(number), accepted)
    return ledger


@given(DECISIONS)
def test_shares_never_sum_to_more_than_the_total(decisions: list[bool | None]) -> None:
    ledger = after(decisions)
    assert ledger.spent <= TOTAL * (1 + 1e-12)
    # a level passed on by a promotion comes from the comparison before, whose error did not happen
    own = [
        comparison.level - (before.level if before.accepted else 0.0)
        for before, comparison in zip(ledger.comparisons, ledger.comparisons[1:], strict=False)
    ]
    first = [comparison.level for comparison in ledger.comparisons[:1]]
    assert math.fsum(first + own) <= TOTAL * (1 + 1e-9)
    assert all(0 < comparison.level <= TOTAL * (1 + 1e-9) for comparison in ledger.comparisons)


@given(DECISIONS)
def test_levels_between_promotions_never_sum_to_more_than_the_total(
    decisions: list[bool | None],
) -> None:
    """The bound on the error: of comparisons that no promotion passes on, each spends its own."""
    spent = math.fsum(c.level for c in after(decisions).comparisons if not c.accepted)
    assert spent <= TOTAL * (1 + 1e-9)


@given(DECISIONS, st.integers(0, 60))
def test_a_ledger_read_back_gives_the_same_levels(decisions: list[bool | None], cut: int) -> None:
    kept: tuple[Comparison, ...] = after(decisions).comparisons
    again = AlphaLedger(kept)
    assert [again.level(comparison.key) for comparison in kept] == [c.level for c in kept]
    assert again.level("new") == AlphaLedger(kept).level("new")


@given(st.integers(2, 60))
def test_a_plan_spends_the_level_in_growing_numbers_of_pairs(most: int) -> None:
    sizes, shares = zip(*plan(most), strict=True)
    assert list(sizes) == sorted(set(sizes))
    assert set(sizes[:-1]) <= set(ANALYSES)
    assert sizes[-1] == most
    assert all(share > 0 for share in shares)
    assert math.isclose(math.fsum(shares), 1.0)


@given(st.lists(DIFFERENCE, min_size=3, max_size=13), LEVEL)
def test_the_same_pairs_come_to_the_same_decision(differences: list[float], level: float) -> None:
    answer = final_analysis(differences, level)
    assert answer == final_analysis(differences, level)
    assert answer.decision != Decision.OPEN
    assert (answer.decision == Decision.ACCEPTED) == (answer.test.p < answer.level)
    assert answer.level <= level
    # what was open before is what a comparison that was cut off finds again
    for seeds, _ in plan(len(differences)):
        if seeds < answer.seeds:
            before = analyse(differences[:seeds], level, len(differences))
            assert before.decision == Decision.OPEN


@given(st.lists(DIFFERENCE, min_size=3, max_size=3), LEVEL, st.floats(1.0, 10.0))
def test_a_larger_level_accepts_no_less(
    differences: list[float], level: float, factor: float
) -> None:
    small = analyse(differences, level, 13)
    large = analyse(differences, min(level * factor, 0.9), 13)
    if small.decision == Decision.ACCEPTED:
        assert large.decision == Decision.ACCEPTED


@given(st.lists(DIFFERENCE, min_size=3, max_size=3), LEVEL, st.floats(0.0, 1e3))
def test_a_minimum_effect_accepts_no_more(
    differences: list[float], level: float, effect: float
) -> None:
    if analyse(differences, level, 13, min_effect=effect).decision == Decision.ACCEPTED:
        assert analyse(differences, level, 13).decision == Decision.ACCEPTED


@given(st.lists(DIFFERENCE, min_size=2, max_size=13), st.floats(0.0, 10.0))
def test_a_coarser_grid_makes_no_result_more_certain(differences: list[float], grid: float) -> None:
    fine, coarse = paired_t_test(differences), paired_t_test(differences, resolution=grid)
    assert coarse.std >= fine.std
    if fine.mean > 0:
        assert coarse.p >= fine.p - 1e-12
    assert coarse.interval[0] <= fine.interval[0]


SCORES = st.floats(0.0, 401.0)
VERDICTS = st.builds(
    lambda pairs, differences, sandbox, novelty, reason: verdict(
        pairs=tuple(Pair("text", OFFICIAL_SEEDS, a, b) for a, b in pairs),
        official=Scores(*pairs[0]) if pairs else None,
        test=paired_t_test(differences),
        interim_analyses=(InterimAnalysis(3, 0.01, 0.5, Decision.OPEN),),
        sandbox=sandbox,
        novelty=novelty,
        reason=reason,
        taken_out=("momentum ema",),
    ),
    st.lists(st.tuples(SCORES, SCORES), max_size=3),
    st.lists(DIFFERENCE, min_size=2, max_size=5),
    st.sampled_from([None, *Level]),
    st.none() | st.builds(Novelty, st.sampled_from(NoveltyKind), st.text(), SCORES, SCORES),
    st.text(),
)


@settings(max_examples=50)
@given(VERDICTS)
def test_a_verdict_reads_back_as_it_was_written(record: Verdict) -> None:
    whole = replace(record, before_simplifying=record)
    written: Any = json.loads(json.dumps(whole.to_json()))
    assert written == whole.to_json()
    assert Verdict.from_json(written) == whole
