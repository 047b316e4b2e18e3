"""What a study's screen has measured, from which trials can be learned as from trials."""

from collections.abc import Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from agent.proposers.proposer import Seen
from agent.study.remembered import remembered
from search_space.spec import SpecJson, make_spec

SCREENED = "screened"
"""Attribute of a trial: the specs that were screened for it, and their places."""


class Candidates:
    """All candidates of a study's trials, each spec once, with their places at the screen.

    They are kept with the trial that they were proposed for, so that a resumed study has them.
    """

    def __init__(self) -> None:
        self._of_trial: dict[int, list[Seen]] = {}

    def before(self, study: optuna.Study, trial: FrozenTrial) -> list[Seen]:
        """The remembered ones of the other trials, in order."""
        for other in study.get_trials(deepcopy=False):
            if other.number not in self._of_trial and SCREENED in other.system_attrs:
                self._of_trial[other.number] = _read(other.system_attrs[SCREENED])
        seen: dict[str, Seen] = {}
        for number in sorted(self._of_trial.keys() - {trial.number}):
            for one in self._of_trial[number]:
                seen.setdefault(one.spec.identifier, one)
        return remembered(list(seen.values()), lambda one: one.place)

    def keep(self, study: optuna.Study, trial: FrozenTrial, measured: Sequence[Seen]) -> None:
        """Those of a trial, in place of any that an earlier process kept for it."""
        self._of_trial[trial.number] = list(measured)
        written: Any = [[one.spec.to_json(), *one.place] for one in measured]
        study._storage.set_trial_system_attr(trial._trial_id, SCREENED, written)  # noqa: SLF001


def _read(written: Sequence[tuple[SpecJson, float, float]]) -> list[Seen]:
    """Without those from when the space had other parts."""
    found = []
    for spec, stage, value in written:
        try:
            found.append(Seen(make_spec(spec), (stage, value)))
        except ValueError:
            continue
    return found
