"""The paired test behind every verdict and every interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scipy import special, stats


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
    differences: Sequence[float],
    *,
    null: float = 0.0,
    resolution: float = 0.0,
    confidence: float = 0.95,
) -> PairedTest:
    """Test whether the mean of `differences` is above `null` (Student 1908).

    t = (mean - null) / (s / sqrt(n)), with n - 1 degrees of freedom. `resolution` is the grid on
    which both members of a pair were measured (looks every K steps: K). Rounding to that grid alone
    gives a difference the standard deviation K / sqrt(6), and s is never taken to be less: three
    equal differences of one step are no proof of infinite certainty.
    Raises ValueError for fewer than two differences or for one that is not finite.
    """
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
    reach = t_quantile((1 + confidence) / 2, n - 1) * error
    interval = (mean - reach, mean + reach)
    return PairedTest(tuple(differences), mean, std, t, n - 1, p, interval, confidence, null)


@lru_cache(maxsize=4096)
def t_quantile(probability: float, degrees: int) -> float:
    """Below which Student's t with `degrees` of freedom lies with this probability."""
    return float(special.stdtrit(degrees, probability))


def spearman(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Rank correlation (Spearman 1904); equal values, infinite ones too, share their mean rank.

    None where all values of a side are equal: nothing is ranked then.
    """
    if len(set(ours)) < 2 or len(set(theirs)) < 2:
        return None
    ranks = stats.rankdata(ours), stats.rankdata(theirs)
    return float(stats.pearsonr(*ranks).statistic)
