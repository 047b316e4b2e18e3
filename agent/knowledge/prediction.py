"""What a surrogate says of combinations of parts, and how far it can be believed."""

import math
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Gain:
    """How well the model predicts combinations it has not seen, by nested cross-validation.

    `error` and `spread` are root mean squared errors of the model and of the mean of the other
    folds, over `trials`; `explained` is the predictive R squared, negative where the mean predicts
    better. `real` is the one-standard-error rule (Breiman et al. 1984, section 3.4.3): the mean
    gain in squared error over predicting the mean exceeds its standard error.
    """

    error: float
    spread: float
    trials: int
    explained: float
    real: bool


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
