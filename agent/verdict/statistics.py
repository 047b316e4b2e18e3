"""The paired test behind every verdict and every interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# scipy takes half a second to import and no verb that only reads needs it: functions import it

CONFIDENCE = 0.95
"""Of every interval."""


@dataclass(frozen=True)
class PairedTest:
    """One-sided paired t-test of "the mean is above `null`", with a two-sided interval."""

    differences: tuple[float, ...]
    mean: float
    std: float
    t: float
    degrees: int
    p: float
    interval: tuple[float, float]
    confidence: float
    null: float = 0.0


def paired_t_test(
    differences: Sequence[float], *, null: float = 0.0, resolution: float = 0.0
) -> PairedTest:
    """Test whether the mean of `differences` is above `null` (Student 1908).

    t = (mean - null) / (s / sqrt(n)), with n - 1 degrees of freedom. `resolution` is the grid on
    which both members of a pair were measured (evaluations every K steps: K). That rounding alone
    gives a difference the standard deviation K / sqrt(6), and s is never taken to be less: three
    equal differences of one step are no proof of infinite certainty.
    Raises ValueError for fewer than two differences or for one that is not finite.
    """
    from scipy import special

    n = len(differences)
    if n < 2 or not all(map(math.isfinite, differences)):
        raise ValueError(f"expected two or more finite differences, got {list(differences)}")
    mean = math.fsum(differences) / n
    spread = math.sqrt(math.fsum((d - mean) ** 2 for d in differences) / (n - 1))
    std = max(spread, resolution / math.sqrt(6))
    error = std / math.sqrt(n)
    certain = 0.0 if mean == null else math.copysign(math.inf, mean - null)
    t = (mean - null) / error if error else certain
    p = float(special.stdtr(n - 1, -t))
    reach = t_quantile((1 + CONFIDENCE) / 2, n - 1) * error
    interval = (mean - reach, mean + reach)
    return PairedTest(tuple(differences), mean, std, t, n - 1, p, interval, CONFIDENCE, null)


@dataclass(frozen=True)
class TwoSampleTest:
    """One-sided Welch test of "the first mean is below the second", with a two-sided interval."""

    mean: float
    t: float
    degrees: float
    p: float
    interval: tuple[float, float]
    confidence: float


def welch_t_test(ours: Sequence[float], theirs: Sequence[float]) -> TwoSampleTest:
    """Test whether the mean of `ours` is below that of `theirs`, of unequal spreads (Welch 1947).

    `mean` is theirs minus ours: by how much ours are lower. Raises ValueError for a side with fewer
    than two values, with one that is not finite, or where no value differs from the others.
    """
    from scipy import stats

    for side in (ours, theirs):
        if len(side) < 2 or not all(map(math.isfinite, side)):
            raise ValueError(f"expected two or more finite values, got {list(side)}")
    if len(set(ours)) == len(set(theirs)) == 1:
        raise ValueError("the values of each side are all equal: there is no spread to test by")
    test = stats.ttest_ind(theirs, ours, equal_var=False, alternative="greater")
    both_sides = stats.ttest_ind(theirs, ours, equal_var=False)
    low, high = both_sides.confidence_interval(CONFIDENCE)
    return TwoSampleTest(
        mean=math.fsum(theirs) / len(theirs) - math.fsum(ours) / len(ours),
        t=float(test.statistic),
        degrees=float(test.df),
        p=float(test.pvalue),
        interval=(float(low), float(high)),
        confidence=CONFIDENCE,
    )


TARGET, SIGMA, MARGIN = 3.28, 0.0013, 0.004
"""Of track 3: the loss to be below, its standard deviation over runs, what a statistic must reach.

The margin is 3.09 sigma: p < 0.001.
"""


@dataclass(frozen=True)
class ZRule:
    """Whether (threshold - mean) sqrt(n) reaches a margin, with the p-value of that."""

    mean: float
    statistic: float
    margin: float
    z: float
    p: float
    holds: bool


def z_rule(values: Sequence[float], threshold: float, sigma: float, margin: float) -> ZRule:
    """The rule of modded-nanogpt's track 3: (threshold - mean) sqrt(n) >= margin, sigma known.

    z = (threshold - mean) sqrt(n) / sigma is one-sided. Raises ValueError for no values or for one
    that is not finite.
    """
    from scipy import special

    if not values or not all(map(math.isfinite, values)):
        raise ValueError(f"expected one or more finite values, got {list(values)}")
    mean = math.fsum(values) / len(values)
    statistic = (threshold - mean) * math.sqrt(len(values))
    z = statistic / sigma
    return ZRule(mean, statistic, margin, z, float(special.ndtr(-z)), statistic >= margin)


@dataclass(frozen=True)
class Runs:
    """Runs of one optimizer in a contest: how many, their steps, their mean loss."""

    steps: int
    mean: float
    n: int

    def __post_init__(self) -> None:
        if self.steps < 1 or self.n < 1 or not math.isfinite(self.mean):
            raise ValueError(f"expected positive steps and n and a finite mean, got {self}")


LOSS_A_STEP = 0.0045 / 100
"""What track 3 takes one step to be worth, near 3.28: 0.0091 over 200 steps of its result 12."""


@dataclass(frozen=True)
class PairwiseRule:
    """Whether the corrected difference over sqrt(1/n1 + 1/n2) reaches a margin.

    `difference` is their mean loss less ours, and what our fewer steps are worth.
    """

    difference: float
    statistic: float
    margin: float
    holds: bool


def pairwise_rule(ours: Runs, theirs: Runs, margin: float) -> PairwiseRule:
    """Track 3's rule for "ours are better than theirs", of runs of different lengths.

    (loss' - loss + (steps' - steps) 0.0045/100) / sqrt(1/n + 1/n') >= margin.
    """
    difference = theirs.mean - ours.mean + LOSS_A_STEP * (theirs.steps - ours.steps)
    statistic = difference / math.sqrt(1 / ours.n + 1 / theirs.n)
    return PairwiseRule(difference, statistic, margin, statistic >= margin)


@lru_cache(maxsize=4096)
def t_quantile(probability: float, degrees: int) -> float:
    """Below which Student's t with `degrees` of freedom lies with this probability."""
    from scipy import special

    return float(special.stdtrit(degrees, probability))


def excludes_zero(interval: Sequence[float]) -> bool:
    low, high = interval
    return low > 0 or high < 0


def spearman(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Rank correlation (Spearman 1904); equal values, infinite ones too, share their mean rank.

    None where all values of a side are equal: nothing is ranked then.
    """
    from scipy import stats

    if len(set(ours)) < 2 or len(set(theirs)) < 2:
        return None
    ranks = stats.rankdata(ours), stats.rankdata(theirs)
    return float(stats.pearsonr(*ranks).statistic)
