"""Baselines of a comparison: AdamW and Muon, whose numbers are tuned and nothing else."""

from collections.abc import Mapping

from search_space.recipes import CHOICES
from search_space.spec import Spec, make_spec

TUNED = {
    "decay": {"part": "decoupled", "rate": 1e-3},
    "schedule": {"part": "wsd", "warmup": 0.02, "decay": 0.3, "floor": 0.01, "lr": 0.01},
}

BASELINES: Mapping[str, Spec] = {
    "adamw": make_spec({**CHOICES["adamw"], **TUNED}),
    "muon": make_spec({**CHOICES["muon"], **TUNED, "momentum": {"part": "nesterov", "beta": 0.95}}),
}
"""AdamW (Loshchilov and Hutter 2019) and Muon (Jordan et al. 2024), each with warm-up, decay and
weight decay to tune."""
