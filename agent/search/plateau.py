"""Whether a search has come to a plateau."""

from agent.study.progress import View
from agent.study.study import Study


class Plateau:
    """Where a study has a patience: reached once as many trials have ended after the best began."""

    def __init__(self, study: Study, view: View) -> None:
        self._study, self._view = study, view
        self._patience = study.overrides.patience
        self._reached = False

    def reached(self) -> bool:
        """Whether the search ends here; the first time, the view says so."""
        if self._patience is None or self._reached:
            return self._reached
        best = self._study.best()
        if best is None:
            return False
        later = sum(trial.number > best.number for trial in self._study.finished())
        if later >= self._patience:
            self._reached = True
            self._view.note(f"no better trial in {later} after {best.name}: search ends")
        return self._reached
