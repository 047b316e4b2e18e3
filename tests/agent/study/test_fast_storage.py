"""A study that is read at once is what Optuna reads."""

import math
from pathlib import Path

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState

from agent.study.database import writable

DISTRIBUTIONS: dict[str, BaseDistribution] = {
    "part": CategoricalDistribution(("adam", "lion")),
    "lr": FloatDistribution(0.5, 2.0, log=True),
}
STATES = (TrialState.COMPLETE, TrialState.COMPLETE, TrialState.PRUNED)


def test_trials_are_those_that_optuna_reads(tmp_path: Path) -> None:
    storage = writable(tmp_path / "ledger.db")
    study, other = (
        storage.create_new_study([StudyDirection.MINIMIZE], name) for name in ("mine", "another")
    )
    storage.create_new_trial(other)
    ids = [storage.create_new_trial(study) for _ in range(6)]
    for number, trial in enumerate(ids):
        storage.set_trial_user_attr(trial, "proposal", {"label": f"ü{number}"})
        storage.set_trial_system_attr(trial, "fixed_params", {"a": number})
        for name, drawn_from in DISTRIBUTIONS.items():
            storage.set_trial_param(trial, name, 1.0, drawn_from)
        for step, value in enumerate((0.5, math.inf, -math.inf, math.nan)):
            storage.set_trial_intermediate_value(trial, step, value)
    for trial, state, value in zip(ids, STATES, (1.5, math.inf, -math.inf), strict=False):
        storage.set_trial_state_values(trial, state, [value])
    storage.set_trial_state_values(ids[3], TrialState.FAIL)
    asked = (study, None, set[int](), -1)
    ours, theirs = storage._get_trials(*asked), RDBStorage._get_trials(storage, *asked)  # noqa: SLF001
    # nan is not equal to itself
    assert [repr(trial) for trial in ours] == [repr(trial) for trial in theirs]
    assert len(ours) == 6
    failed = storage._get_trials(study, (TrialState.FAIL,), set(), -1)  # noqa: SLF001
    assert [trial.number for trial in failed] == [3]
