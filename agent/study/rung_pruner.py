"""Which trials the ladder stops, as Optuna asks it."""

from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial

from agent.study.ladder import goes_on


class RungPruner(optuna.pruners.BasePruner):
    """Prunes a trial outside the best share of all trials at its last rung.

    With n values at rung r, this trial's included, the ceil(keep[r] n) lowest go on: successive
    halving that does not wait for a rung to fill (the stopping variant of ASHA, Li et al. 2020,
    arXiv:1810.05934). Optuna's own version keeps its decisions in the trial and so cannot repeat
    one after an interruption.
    """

    def __init__(self, keep: Sequence[float]) -> None:
        self._keep = keep

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        rung = trial.last_step
        if rung is None:
            return False
        values = [
            other.intermediate_values[rung]
            for other in study.get_trials(deepcopy=False)
            if rung in other.intermediate_values and other.number != trial.number
        ]
        return not goes_on(trial.intermediate_values[rung], values, self._keep[rung])
