"""The alpha ledger and the sequential test: what they spend, and what thousands of studies keep."""

import math
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from agent.verdict import comparison_keys
from agent.verdict.alpha import TOTAL, AlphaLedger, Comparison, alpha_of, share
from agent.verdict.comparison_keys import ComparisonKeys
from agent.verdict.sequential import Decision, analyse, final_analysis, plan
from helpers.studies import SETTINGS

MOST = 13


def test_the_shares_sum_to_one() -> None:
    assert math.fsum(share(number) for number in range(1, 10_000)) == pytest.approx(1, abs=1e-4)
    assert [share(number) for number in (1, 2, 3)] == pytest.approx([2 / 3, 1 / 6, 1 / 18])


def test_a_level_is_kept_before_it_is_used_and_given_once() -> None:
    kept: list[tuple[Comparison, ...]] = []
    ledger = AlphaLedger(save=kept.append)
    first = ledger.level("a/b")
    assert kept[-1] == (Comparison("a/b", first),)
    second = ledger.level("c/b")
    assert first == pytest.approx(TOTAL * 2 / 3)
    assert second == pytest.approx(TOTAL / 6)
    taken_up = AlphaLedger(kept[-1])
    assert [taken_up.level("c/b"), taken_up.level("a/b")] == [second, first]
    assert taken_up.level("d/b") == pytest.approx(TOTAL / 18)


def test_a_promotion_passes_its_level_on_and_a_refusal_does_not() -> None:
    ledger = AlphaLedger()
    ledger.level("a")
    ledger.decide("a", True)
    assert ledger.level("b") == pytest.approx(TOTAL * (2 / 3 + 1 / 6))
    ledger.decide("b", False)
    assert ledger.level("c") == pytest.approx(TOTAL / 18)
    assert ledger.spent == pytest.approx(TOTAL * (2 / 3 + 1 / 6 + 1 / 18))


def test_where_the_ledger_is_lost_what_was_compared_has_spent_its_share(
    workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["1" * 64, "2" * 64, "3" * 64])
    monkeypatch.setattr(comparison_keys, "draw", lambda: next(drawn))
    study = Ledger(Workspace(workspace_folder)).create("lost", SETTINGS)
    keys = ComparisonKeys(study)
    levels = [alpha_of(study).level(keys.key(name, "b")) for name in ("a", "c")]
    (file,) = study.folder.glob("alpha*.json")
    file.unlink()
    assert alpha_of(study).spent == pytest.approx(sum(levels))
    assert alpha_of(study).level(keys.key("d", "b")) == pytest.approx(TOTAL / 18)


@pytest.mark.parametrize("most", [2, 3, 4, 8, 13, 20, 34, 60])
def test_the_analyses_of_a_comparison_spend_its_level_and_no_more(most: int) -> None:
    sizes, shares = zip(*plan(most), strict=True)
    assert sizes[-1] == most
    assert list(sizes) == sorted(set(sizes))
    assert math.fsum(shares) == pytest.approx(1)
    assert min(shares) > 0


def test_analyses_are_where_they_were_planned() -> None:
    assert [n for n, _ in plan(MOST)] == [3, 5, 8, 13]
    with pytest.raises(ValueError, match="expected 3, 5, 8, 13 differences, got 4"):
        analyse([1.0, 2.0, 3.0, 4.0], TOTAL, MOST)
    with pytest.raises(ValueError, match="two pairs or more"):
        plan(1)


def test_clear_answers_come_at_once_and_open_ones_go_on() -> None:
    assert analyse([9.9, 10.0, 10.1], TOTAL, MOST).decision == Decision.ACCEPTED
    assert analyse([-9.9, -10.0, -10.1], TOTAL, MOST).decision == Decision.REFUSED
    assert analyse([1.0, 2.0, 3.0], TOTAL, MOST).decision == Decision.OPEN
    assert analyse([1.0, 2.0, 3.0], TOTAL, 3).decision == Decision.REFUSED, (
        "there is no other analysis"
    )
    assert analyse([0.0, 0.0, 0.0], TOTAL, MOST).decision == Decision.REFUSED, "a copy"


def test_a_minimum_effect_can_be_asked_for() -> None:
    assert analyse([9.9, 10.0, 10.1], TOTAL, MOST, min_effect=9.0).decision == Decision.ACCEPTED
    assert analyse([9.9, 10.0, 10.1], TOTAL, MOST, min_effect=9.99).decision == Decision.OPEN
    assert analyse([9.9, 10.0, 10.1], TOTAL, MOST, min_effect=12.0).decision == Decision.REFUSED


def compare(random: np.random.Generator, level: float, effect: float = 0.0) -> tuple[bool, int]:
    """Whether a challenger with this effect, in units of the noise, is accepted; seeds used."""
    noise = random.standard_normal(MOST) + effect
    answer = final_analysis(noise.tolist(), level)
    return answer.decision == Decision.ACCEPTED, answer.seeds


def study(random: np.random.Generator, proposals: int) -> bool:
    """A study that compares every proposal, none of them better: does it ever promote one?"""
    ledger = AlphaLedger()
    for number in range(proposals):
        accepted, _ = compare(random, ledger.level(str(number)))
        ledger.decide(str(number), accepted)
        if accepted:
            return True
    return False


@pytest.mark.slow
def test_null_studies_promote_a_worthless_challenger_in_at_most_one_of_a_hundred() -> None:
    """2,000 studies of 50 proposals each, every one of them compared with the incumbent."""
    random = np.random.default_rng(20261122)
    studies = 2000
    kept = sum(study(random, 50) for _ in range(studies))
    # what 1% could show by chance, once in a thousand
    assert 0 < kept <= scipy.stats.binom.ppf(0.999, studies, TOTAL)


def test_an_effect_of_twice_the_noise_is_found_with_eight_seeds() -> None:
    random = np.random.default_rng(20261122)
    level = AlphaLedger().level("first")
    results = [compare(random, level, 2.0) for _ in range(4000)]
    assert np.mean([accepted and seeds <= 8 for accepted, seeds in results]) >= 0.9
