"""What may propose specs to a study, by name."""

from typing import Literal

SamplerName = Literal["forest", "parzen", "evolution", "bandit", "tpe", "random"]
DEFAULT: SamplerName = "forest"
SCREENING = ("forest", "parzen", "evolution", "bandit")
"""Those that propose whole specs, of which several can be screened for a trial."""
SCREENED = 8
"""Candidates for a trial, unless the study says otherwise."""
FIRST_DRAWS = 10
"""Trials that learn from no trial; Optuna's TPE has as many."""
REFINED = 4
"""Refinements that are tried for a trial, until one has another result at the screen."""
ROUNDS = 3
"""Of candidates for a trial that learns from candidates, each round from all before it."""


def turns(*, searched: bool) -> int:
    """Later trials take turns: a refinement, one that is chosen from all candidates where these are
    searched, and one that learns from trials."""
    return 3 if searched else 2
