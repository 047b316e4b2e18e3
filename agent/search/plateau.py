"""Whether a search has come to a plateau."""

from agent.study.study import Study


def plateau(study: Study) -> str:
    """Why the search ends here, in one line; empty while it goes on.

    It ends where the study has a patience, and as many trials have ended after the best one began.
    """
    patience, best = study.overrides.patience, study.best()
    if patience is None or best is None:
        return ""
    later = sum(trial.number > best.number for trial in study.finished())
    return f"no better trial in {later} after {best.name}" if later >= patience else ""
