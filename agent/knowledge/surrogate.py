"""A linear model of what parts, and pairs of parts, do to a result; with its uncertainty."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOLDS = 5
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
PAIRS = (0.0, 0.1, 0.3, 1.0)
"""Ridge penalties, and weights of a pair beside a part, to choose from."""

Parts = frozenset[str]


@dataclass(frozen=True)
class Prediction:
    mean: float
    std: float

    def gain_below(self, best: float) -> float:
        """Expected improvement on `best`, lower being better (Jones et al. 1998)."""
        z = (best - self.mean) / self.std
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return self.std * (z * _below(z) + density)

    def chance_below(self, best: float) -> float:
        return _below((best - self.mean) / self.std)


class Surrogate:
    """Bayesian ridge regression on indicators of parts and of pairs of parts.

    y = w x + noise with w ~ N(0, noise^2 / strength), in its dual form: two combinations that share
    m parts share m (m - 1) / 2 pairs, so k(a, b) = m + c m (m - 1) / 2 is all that is needed
    (Rasmussen and Williams 2006, section 2.1). Strength and c are what predicts best in five-fold
    cross-validation; `error` is the root mean squared error of that, `spread` the one of always
    predicting the mean.
    """

    def __init__(self, seen: Sequence[Parts], values: Sequence[float]) -> None:
        """Raises ValueError for fewer than two observations a fold."""
        if len(seen) < 2 * FOLDS:
            raise ValueError(f"expected at least {2 * FOLDS} trials to learn from, got {len(seen)}")
        self.seen, y = list(seen), np.array(values)
        self._parts = {part: index for index, part in enumerate(sorted(set().union(*seen)))}
        self._has = self._indicators(self.seen)
        counts = self._has @ self._has.T
        # equal combinations stay in one fold: who saw one of them has seen the other
        distinct = {parts: index for index, parts in enumerate(dict.fromkeys(self.seen))}
        folds = np.array([distinct[parts] % FOLDS for parts in self.seen])
        errors = {
            (pairs, strength): _cross_validated(_kernel(counts, pairs), y, strength, folds)
            for pairs in PAIRS
            for strength in STRENGTHS
        }
        self.pairs, self.strength = min(errors, key=lambda choice: errors[choice])
        self.error, self.spread = errors[self.pairs, self.strength], float(y.std())
        self._mean = float(y.mean())
        shared = _kernel(counts, self.pairs)
        self._inverse = np.linalg.inv(shared + self.strength * np.eye(len(y)))
        self._dual = self._inverse @ (y - self._mean)

    def predict(self, parts: Parts) -> Prediction:
        """The mean result of a combination, and how far it may be off."""
        shared = _kernel(self._has @ self._indicators([parts])[0], self.pairs)
        own = float(_kernel(np.array(len(parts)), self.pairs))
        unknown = max(0.0, own - float(shared @ self._inverse @ shared)) / self.strength
        mean = self._mean + float(shared @ self._dual)
        return Prediction(mean, max(self.error, 1e-9) * math.sqrt(unknown) + 1e-9)

    def effect(self, *parts: str) -> float:
        """What a part, or a pair beyond its two parts, adds to the result."""
        has = [float(all(part in one for part in parts)) for one in self.seen]
        weight = self.pairs if len(parts) == 2 else 1.0
        return weight * float(np.array(has) @ self._dual)

    def _indicators(self, combinations: Sequence[Parts]) -> np.ndarray:
        """[combinations, known parts], 1 where a combination has a part."""
        rows = np.zeros((len(combinations), len(self._parts)))
        for row, parts in zip(rows, combinations, strict=True):
            row[[self._parts[part] for part in parts if part in self._parts]] = 1
        return rows


def _kernel(shared: np.ndarray, pairs: float) -> np.ndarray:
    """k of combinations that share so many parts."""
    return np.asarray(shared + pairs * shared * (shared - 1) / 2)


def _cross_validated(
    shared: np.ndarray, y: np.ndarray, strength: float, folds: np.ndarray
) -> float:
    """Root mean squared error on folds that the rest did not see."""
    squared: list[float] = []
    for fold in set(folds.tolist()):
        out = folds == fold
        known = ~out
        if not known.any():
            return float(y.std())
        mean = y[known].mean()
        within = shared[np.ix_(known, known)] + strength * np.eye(int(known.sum()))
        dual = np.linalg.solve(within, y[known] - mean)
        predicted = shared[np.ix_(out, known)] @ dual + mean
        squared += ((predicted - y[out]) ** 2).tolist()
    return math.sqrt(math.fsum(squared) / len(squared))


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
