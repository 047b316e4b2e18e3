"""A trial in Optuna's storage, as the process that works on it writes it."""

from collections.abc import Sequence

import optuna
from optuna.trial import TrialState

from agent.study.records import Call, Ending, Origin, Outcome, ProposalRecord, Trial
from agent.study.trial_table import OUTCOME, TrialTable


class RunningTrial:
    """A trial that this process works on, from its first moment to its end."""

    def __init__(self, study: optuna.Study, trial: optuna.Trial, table: TrialTable) -> None:
        self._study, self._table = study, table
        self.optuna = trial
        """What a sampler suggests parameters to."""

    @property
    def number(self) -> int:
        return self.optuna.number

    @property
    def study_name(self) -> str:
        return self._study.study_name

    def record(self) -> Trial:
        """As it is stored now."""
        return self._table.one(self.number)

    def keep_source(self, source: Origin, model: str = "") -> None:
        """Who is asked for it; `model` where that is a model."""
        if model:
            self.optuna.set_user_attr("model", model)
        self.optuna.set_user_attr("source", source)

    def keep_proposal(self, proposal: ProposalRecord) -> None:
        self.optuna.set_user_attr("proposal", proposal.to_json())

    def keep_calls(self, calls: Sequence[Call]) -> None:
        self.optuna.set_user_attr("calls", [call.to_json() for call in calls])

    def count_beginning(self, change: int = 1) -> None:
        """One process more has begun it; with -1 one has let go of it by itself."""
        self.optuna.set_user_attr("beginnings", self.record().beginnings + change)

    def passes(self, rung: int, value: float) -> bool:
        """Report the value at a rung, once, and ask whether the trial goes on from there."""
        reported = self._table.reported(self.number)
        if rung not in reported:
            self.optuna.report(value, rung)
        # a trial taken up again has gone on from where it reported a higher rung
        return rung < max(reported, default=0) or not self.optuna.should_prune()

    def end(
        self, outcome: Outcome, value: float | None = None, *, ranked_last: bool = False
    ) -> None:
        """Keep the outcome, then tell Optuna; `value` is that of a complete trial.

        `ranked_last` is for divergence on the first rung: it is told as PRUNED without a value, so
        that TPE ranks it last. Divergence higher up would rank as the best of the pruned, and is
        told as FAIL.
        """
        self.optuna.set_user_attr(OUTCOME, outcome.to_json())
        if value is not None:
            self._study.tell(self.optuna, value)
        elif outcome.state is Ending.PRUNED or ranked_last:
            self._study.tell(self.optuna, state=TrialState.PRUNED)
        else:
            self._study.tell(self.optuna, state=TrialState.FAIL)
