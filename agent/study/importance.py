"""Which sampled decisions set the good trials of a study apart."""

import warnings

from agent.study.study import Study

IMPORTANT = 12
FEWEST = 10
"""Complete trials without which the importance of a parameter means nothing."""


def importance(study: Study) -> dict[str, float]:
    """Share of each sampled decision in what set the good trials apart, the largest first.

    PED-ANOVA (Watanabe et al. 2023, arXiv:2304.10255), over complete trials. Empty where there are
    too few.
    """
    if len(study.ranked()) < FEWEST:
        return {}
    # it loads scikit-learn where that is installed, which takes a second
    from optuna.exceptions import OptunaError
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    try:
        with warnings.catch_warnings():
            # that some parts were tried in one trial only
            warnings.simplefilter("ignore")
            shares = get_param_importances(study.optuna, evaluator=PedAnovaImportanceEvaluator())
    except (ValueError, RuntimeError, OptunaError):
        return {}
    largest = sorted(shares.items(), key=lambda item: -item[1])[:IMPORTANT]
    return {name: float(share) for name, share in largest if share > 0}
