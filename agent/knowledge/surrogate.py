"""A linear model of what parts, and pairs of parts, do to a result; with its uncertainty."""

import math
from collections.abc import Sequence
from itertools import combinations, product

import numpy as np

from agent.knowledge.prediction import Gain, Parts, Prediction

FOLDS = 5
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
PAIRS = (0.0, 0.1, 0.3, 1.0)
"""Ridge penalties, and weights of a pair beside a part, to choose from."""

Choice = tuple[float, float]
"""Weight of pairs, ridge penalty."""


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
        self.seen, self._y = list(seen), np.array(values)
        self._parts = {part: index for index, part in enumerate(sorted(set().union(*seen)))}
        self._has = self._indicators(self.seen)
        self._counts = self._has @ self._has.T
        # equal combinations stay in one fold, so that none is predicted from itself
        distinct = {parts: index for index, parts in enumerate(dict.fromkeys(self.seen))}
        self._folds = np.array([distinct[parts] % FOLDS for parts in self.seen])
        errors = {choice: self._cross_validated(choice) for choice in product(PAIRS, STRENGTHS)}
        self.pairs, self.strength = min(errors, key=lambda choice: errors[choice])
        self.error, self.spread = errors[self.pairs, self.strength], float(self._y.std())
        self._mean = float(self._y.mean())
        shared = _kernel(self._counts, self.pairs)
        self._inverse = np.linalg.inv(shared + self.strength * np.eye(len(self._y)))
        self._dual = self._inverse @ (self._y - self._mean)

    def predict(self, parts: Parts) -> Prediction:
        """The mean result of a combination, and how far it may be off."""
        shared = _kernel(self._has @ self._indicators([parts])[0], self.pairs)
        own = float(_kernel(np.array(len(parts)), self.pairs))
        unknown = max(0.0, own - float(shared @ self._inverse @ shared)) / self.strength
        mean = self._mean + float(shared @ self._dual)
        return Prediction(mean, max(self.error, 1e-9) * math.sqrt(unknown) + 1e-9)

    def gain(self) -> Gain:
        """Of predicting each fold with the choice that predicts best among the other folds.

        The choice of `__init__` has seen every fold, so its `error` flatters the model.
        """
        folds = sorted(set(self._folds.tolist()))
        if len(folds) < 3:
            return Gain(self.spread, self.spread, len(self._y), explained=0.0, real=False)
        inner: dict[int, dict[Choice, float]] = {fold: {} for fold in folds}
        for (one, other), choice in product(combinations(folds, 2), product(PAIRS, STRENGTHS)):
            known = ~np.isin(self._folds, (one, other))
            for left_out, tested in ((one, other), (other, one)):
                squared = (self._errors(choice, known, self._folds == tested)) ** 2
                before = inner[left_out].get(choice, 0.0)
                inner[left_out][choice] = before + math.fsum(squared.tolist())
        model, mean = np.zeros(len(self._y)), np.zeros(len(self._y))
        for fold in folds:
            out = self._folds == fold
            best = min(inner[fold], key=lambda choice: inner[fold][choice])
            model[out] = self._errors(best, ~out, out) ** 2
            mean[out] = (self._y[out] - self._y[~out].mean()) ** 2
        gains = mean - model
        standard_error = float(gains.std(ddof=1)) / math.sqrt(len(gains))
        error, spread = math.sqrt(model.mean()), math.sqrt(mean.mean())
        explained = 1 - (error / spread) ** 2 if spread else 0.0
        real = float(gains.mean()) > standard_error
        return Gain(error, spread, len(gains), explained, real)

    def _cross_validated(self, choice: Choice) -> float:
        """Root mean squared error on folds that were left out."""
        squared: list[float] = []
        for fold in set(self._folds.tolist()):
            out = self._folds == fold
            if out.all():
                return float(self._y.std())
            squared += (self._errors(choice, ~out, out) ** 2).tolist()
        return math.sqrt(math.fsum(squared) / len(squared))

    def _errors(self, choice: Choice, known: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Errors of predicting the observations `out` from the `known` ones; both are masks."""
        pairs, strength = choice
        shared, mean = _kernel(self._counts, pairs), self._y[known].mean()
        within = shared[np.ix_(known, known)] + strength * np.eye(int(known.sum()))
        dual = np.linalg.solve(within, self._y[known] - mean)
        return np.asarray(shared[np.ix_(out, known)] @ dual + mean - self._y[out])

    def _indicators(self, combinations: Sequence[Parts]) -> np.ndarray:
        """[combinations, known parts], 1 where a combination has a part."""
        rows = np.zeros((len(combinations), len(self._parts)))
        for row, parts in zip(rows, combinations, strict=True):
            row[[self._parts[part] for part in parts if part in self._parts]] = 1
        return rows


def _kernel(shared: np.ndarray, pairs: float) -> np.ndarray:
    """k of combinations by the number of parts that they share."""
    return np.asarray(shared + pairs * shared * (shared - 1) / 2)
