"""What may propose specs to a study, by name."""

from typing import Literal

SamplerName = Literal["forest", "parzen", "evolution", "bandit", "tpe", "random"]
DEFAULT: SamplerName = "forest"
SCREENING = ("forest", "parzen", "evolution", "bandit")
"""Those that propose whole specs, of which several can be screened for a trial."""
SCREENED = 8
"""Candidates for a trial, unless the study says otherwise."""
TURNS = 3
"""Later trials take turns: a refinement, one that learns from candidates, and
one that learns from trials."""
FIRST_DRAWS = 10
"""Trials that learn from no trial; Optuna's TPE has as many."""
ROUNDS = 3
"""Of candidates for a trial that learns from candidates, each round from all before it."""
