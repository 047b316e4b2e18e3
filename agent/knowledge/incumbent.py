"""The incumbent of a study as its researchers are told of it: its name, and how well it does."""

from agent.knowledge.leaderboard import BASELINE, best_of_ours, named_submission
from agent.study.study import Study
from agent.study.workspace import Workspace
from agent.verdict.verdict import Verdict
from search_space.recipes import RECIPES


def incumbent_score_of(workspace: Workspace, study: Study) -> tuple[str, float | None]:
    """Name and official score, lower is better; None where it was not measured.

    The baseline has a result of its own in a clone alone; elsewhere the study may have measured it.
    """
    settings = study.settings
    best = best_of_ours(workspace, settings.track, settings.objective, settings.scale)
    if best:
        return best.name, best.score(settings.objective)
    digest, verdict = named_submission(workspace, BASELINE).digest, Verdict.of(study)
    if verdict and verdict.official and verdict.incumbent_digest == digest:
        return BASELINE, verdict.official.incumbent
    return BASELINE, _of_a_trial(study, digest)


def _of_a_trial(study: Study, digest: str) -> float | None:
    """The score of a trial of the baseline, as the file or as the recipe of that name."""
    for trial in study.ranked():
        made = trial.proposal
        if made.digest == digest or made.spec == RECIPES[BASELINE].to_json():
            return trial.outcome.score
    return None
