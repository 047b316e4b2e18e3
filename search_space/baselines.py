"""What a claim is made against: known optimizers whose numbers are tuned, and nothing else."""

from collections.abc import Mapping

from search_space.spec import Spec, make_spec

SCHEDULE = {"part": "wsd", "warmup": 0.02, "decay": 0.3, "floor": 0.01}

BASELINES: Mapping[str, Spec] = {
    "adamw": make_spec(
        {
            "momentum": {"part": "ema", "beta": 0.9},
            "direction": {"part": "adam", "beta2": 0.99},
            "decay": {"part": "decoupled", "rate": 1e-3},
            "schedule": {**SCHEDULE, "lr": 0.01},
        }
    ),
    "muon": make_spec(
        {
            "coordinates": {"part": "factors"},
            "vectors": {"part": "adam", "rate": 3e-3},
            "momentum": {"part": "nesterov", "beta": 0.95},
            "direction": {"part": "muon"},
            "decay": {"part": "decoupled", "rate": 1e-3},
            "schedule": {**SCHEDULE, "lr": 0.01},
        }
    ),
}
"""AdamW (Loshchilov and Hutter 2019) and Muon (Jordan et al. 2024), each with warm-up, decay and
weight decay to tune."""
