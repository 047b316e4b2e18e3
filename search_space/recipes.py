"""Published starting points, tried before anything is sampled."""

from search_space.spec import Spec, make_spec

RECIPES: dict[str, Spec] = {
    "adamw": make_spec(
        {
            "momentum": {"part": "ema", "beta": 0.9},
            "direction": {"part": "adamw", "beta2": 0.99},
            "schedule": {"part": "constant", "lr": 0.01},
        }
    ),
    "lion": make_spec(
        {
            "momentum": {"part": "lookahead", "blend": 0.9, "beta": 0.99},
            "direction": {"part": "lion"},
            "schedule": {"part": "cosine", "lr": 0.003},
        }
    ),
    "muon": make_spec(
        {
            "momentum": {"part": "lookahead", "blend": 0.95, "beta": 0.95},
            "direction": {"part": "muon"},
            "schedule": {"part": "wsd", "lr": 0.02},
        }
    ),
    "adamw_fast": make_spec(
        {
            "momentum": {"part": "ema", "beta": 0.9},
            "direction": {"part": "adamw", "beta2": 0.9},
            "schedule": {"part": "constant", "lr": 0.05},
        }
    ),
}
