"""The paired test, against SciPy and against published figures."""

import math

import pytest
from scipy import stats

from agent.verdict.statistics import Runs, paired_t_test, pairwise_rule, welch_t_test, z_rule


def test_it_is_scipys_one_sided_paired_test() -> None:
    before, after = [5.1, 4.8, 6.0, 5.5], [4.2, 4.9, 5.1, 4.4]
    differences = [b - a for b, a in zip(before, after, strict=True)]
    test = paired_t_test(differences)
    reference = stats.ttest_rel(before, after, alternative="greater")
    assert test.t == pytest.approx(reference.statistic)
    assert test.p == pytest.approx(reference.pvalue)
    two_sided = stats.ttest_rel(before, after).confidence_interval(0.95)
    assert test.interval == pytest.approx((two_sided.low, two_sided.high))


def test_it_reproduces_a_published_t() -> None:
    """parameter-golf's AutoResearch record: three losses against the threshold 1.2194."""
    test = paired_t_test([1.2194 - loss for loss in (1.16356083, 1.16275343, 1.16337225)])
    assert test.t == pytest.approx(230.34, abs=0.005)
    assert test.degrees == 2


def test_welch_is_scipys() -> None:
    ours, theirs = [1.163, 1.162, 1.164], [1.170, 1.169, 1.174, 1.171]
    test = welch_t_test(ours, theirs)
    reference = stats.ttest_ind(ours, theirs, equal_var=False, alternative="less")
    assert test.p == pytest.approx(reference.pvalue)
    assert test.t == pytest.approx(-reference.statistic)
    assert test.mean == pytest.approx(0.008)
    low, high = test.interval
    assert low < 0.008 < high
    assert welch_t_test(theirs, ours).p == pytest.approx(1 - test.p)
    with pytest.raises(ValueError, match="two or more finite"):
        welch_t_test([1.0], theirs)
    with pytest.raises(ValueError, match="no spread"):
        welch_t_test([1.0, 1.0], [2.0, 2.0])


def test_the_rule_of_track_3() -> None:
    rule = z_rule([3.278, 3.278, 3.278, 3.278], 3.28, 0.0013, 0.004)
    assert rule.statistic == pytest.approx(0.004)
    assert rule.z == pytest.approx(0.004 / 0.0013)
    assert rule.p == pytest.approx(stats.norm.sf(0.004 / 0.0013))
    assert not z_rule([3.278, 3.278, 3.278], 3.28, 0.0013, 0.004).holds
    assert z_rule([3.2779] * 4, 3.28, 0.0013, 0.004).holds
    with pytest.raises(ValueError, match="one or more finite"):
        z_rule([], 3.28, 0.0013, 0.004)


@pytest.mark.parametrize(
    ("ours", "theirs", "published"),
    [
        (Runs(3210, 3.2785, 10), Runs(3225, 3.2785, 16), 0.00167),
        (Runs(3210, 3.2785, 10), Runs(3250, 3.2778, 16), 0.0027),
        (Runs(3325, 3.2790, 20), Runs(3375, 3.2788, 20), 0.00648),
    ],
)
def test_the_pairwise_rule_of_track_3(ours: Runs, theirs: Runs, published: float) -> None:
    """Its own calculations: result 13 against 11 and 8, result 12 against 6."""
    rule = pairwise_rule(ours, theirs, 0.004)
    assert rule.statistic == pytest.approx(published, rel=0.02)
    assert rule.holds == (published > 0.004)


def test_runs_have_steps_a_number_and_a_finite_mean() -> None:
    for steps, mean, n in ((0, 3.28, 1), (1, math.nan, 1), (1, 3.28, 0)):
        with pytest.raises(ValueError, match="positive steps and n and a finite mean"):
            Runs(steps, mean, n)


def test_a_worse_challenger_gets_a_large_p() -> None:
    assert paired_t_test([-1.0, -1.1, -0.9]).p > 0.99


def test_equal_results_prove_nothing() -> None:
    assert paired_t_test([0.0, 0.0, 0.0]).p == 0.5


def test_three_equal_differences_of_one_step_are_not_certainty() -> None:
    assert paired_t_test([1.0, 1.0, 1.0], resolution=1.0).p > 0.01
    assert paired_t_test([2.0, 2.0, 2.0], resolution=1.0).p < 0.01
    assert paired_t_test([1.0, 1.0, 1.0]).p == 0.0


@pytest.mark.parametrize("differences", [[], [1.0], [1.0, math.nan], [1.0, math.inf]])
def test_it_needs_two_finite_differences(differences: list[float]) -> None:
    with pytest.raises(ValueError, match="two or more finite"):
        paired_t_test(differences)
