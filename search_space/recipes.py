"""Recipes: published optimizers as specs, evaluated before any spec is sampled."""

from search_space.spec import Spec, SpecJson, make_spec

MUON_VECTORS = {"part": "adam", "rate": 3e-3}

COMP_MUON: SpecJson = {
    "coordinates": {"part": "factors"},
    "vectors": {"part": "adam", "rate": 3e-4},
    "momentum": {"part": "nesterov", "beta": 0.95},
    "direction": {"part": "comp_muon", "damping": 0.01},
    # published as 0.1 times half a matrix sign: 0.1 / 2 / sqrt(128) at unit rms
    "schedule": {"part": "cosine", "lr": 0.004419},
}

ADAPTIVE_CM: SpecJson = {
    **COMP_MUON,
    "direction": {"part": "comp_muon", "damping": 1.0},
    "schedule": {"part": "cosine", "lr": 0.06629},  # published as 1.5
}

CM_TAIL: SpecJson = {
    **COMP_MUON,
    "vectors": {"part": "adam", "rate": 3e-3},
    "direction": {"part": "comp_muon", "damping": 1.0, "damping_end": 0.01, "damping_from": 0.75},
    "steps": {"part": "by_side", "ramp": 1.75, "ramp_from": 0.75},
    "schedule": {
        "part": "lognormal",
        "lr": 0.1348,  # published as 3.05
        "peak": 0.1025,
        "sigma": 0.63,
        "floor": 0.000656,
    },
}

ROW_ADAM: SpecJson = {
    "coordinates": {"part": "rows"},
    "momentum": {"part": "ema", "beta": 0.5},
    "direction": {"part": "adam", "beta2": 0.9},
}

PRODUCT_SPACE: SpecJson = {
    "coordinates": {"part": "product"},
    "temperature": {"part": "own_step", "rate": 0.001, "momentum": 0.8},
    "momentum": {"part": "nesterov", "beta": 0.8},
    "direction": {"part": "raw"},
    "magnitude": {"part": "natural"},
    "steps": {"part": "by_side", "scores": 0.245, "values": 1.0},
    "schedule": {"part": "constant", "lr": 0.078},
}

PRODUCT_NEWTON: SpecJson = {
    "coordinates": {"part": "product"},
    "temperature": {"part": "by_curvature", "rate": 0.8},
    "treatment": {"part": "clip_spikes", "excess": 0.5, "kept": 0.8},
    "momentum": {"part": "lookahead", "blend": 0.26, "beta": 0.87},
    "direction": {"part": "raw"},
    "damping": {"part": "line_search", "rate": 0.5},
    "magnitude": {"part": "by_softness", "keys": 64.0},
    "steps": {"part": "by_side", "scores": 5.72, "values": 0.5},
    "schedule": {"part": "constant", "lr": 1.0},
}

MUON_MOMENTUM = {"part": "lookahead", "blend": 0.9025, "beta": 0.95}
BY_ROLE = {"part": "adam_by_role", "embedding": 1.0, "head": 0.3, "vectors": 0.3}

# of modded-nanogpt's track 3, June 2026: its ingredients, in fractions of its 2900 steps; decay
# acts before the step, not after, and initial values are the model's
TRACK3_RECORD: SpecJson = {
    "coordinates": {"part": "factors"},
    "vectors": BY_ROLE,
    "momentum": {
        "part": "warmed_cooled", "beta": 0.95, "first": 0.85, "last": 0.85, "rise": 0.1034,
        "fall": 0.069,
    },
    "precondition": {"part": "soap", "beta2": 0.9, "every": 1},
    "direction": {"part": "muon"},
    # published as 0.3825 at a step size of 0.0375 and matrix signs of norm one
    "magnitude": {"part": "row_floor", "floor": 1.434},
    "decay": {"part": "cautious", "rate": 0.025},
    "radial": {"part": "pinned", "share": 0.5},
    "schedule": {"part": "power_cooldown", "lr": 0.01, "start": 0.1772, "power": 1.2},
    "outer": {"part": "ema_nesterov", "ahead": 0.3, "beta": 0.99, "start": 0.1034, "until": 0.6724},
    "averaging": {"part": "tail_ema", "start": 0.8276, "decay": 0.95, "share": 0.6},
}  # fmt: skip

CHOICES: dict[str, SpecJson] = {
    "adamw": {
        "momentum": {"part": "ema", "beta": 0.9},
        "direction": {"part": "adam", "beta2": 0.99},
        "schedule": {"part": "constant", "lr": 0.01},
    },
    "adamw_fast": {
        "momentum": {"part": "ema", "beta": 0.9},
        "direction": {"part": "adam", "beta2": 0.9},
        "schedule": {"part": "constant", "lr": 0.05},
    },
    "product_space": PRODUCT_SPACE,
    "product_newton": PRODUCT_NEWTON,
    "row_delta": {
        "start": {"part": "shrunk", "keys": 1e-3, "values": 0.0},
        "readout": {"part": "polar", "norm": 1.0},
        "coordinates": {"part": "rows"},
        "queries": {"part": "addresses", "size": 1.0},
        "direction": {"part": "raw"},
        "magnitude": {"part": "first_descent"},
        "keys": {"part": "elimination", "depth": 3.0, "spared": 0.25},
        "schedule": {"part": "constant", "lr": 1.0},
    },
    "row_adam_etf": {
        **ROW_ADAM,
        "readout": {"part": "simplex", "norm": 1.0},
        "magnitude": {"part": "row_norm", "radius": 7.0},
        "schedule": {"part": "constant", "lr": 0.3},
    },
    "row_adam": {
        **ROW_ADAM,
        "magnitude": {"part": "row_norm", "radius": 6.0},
        "steps": {"part": "readout", "share": 0.0667},
        "schedule": {"part": "constant", "lr": 0.15},
    },
    "lion": {
        "momentum": {"part": "lookahead", "blend": 0.9, "beta": 0.99},
        "direction": {"part": "sign"},
        "schedule": {"part": "cosine", "lr": 0.008},
    },
    "muon": {
        "coordinates": {"part": "factors"},
        "vectors": MUON_VECTORS,
        "momentum": {"part": "lookahead", "blend": 0.9025, "beta": 0.95},
        "direction": {"part": "muon"},
        "schedule": {"part": "cosine", "lr": 0.01},
    },
    "normuon": {
        "coordinates": {"part": "factors"},
        "vectors": MUON_VECTORS,
        "momentum": {"part": "lookahead", "blend": 0.95, "beta": 0.95},
        "direction": {"part": "normuon", "beta2": 0.95},
        "schedule": {"part": "cosine", "lr": 0.01},
    },
    "comp_muon": COMP_MUON,
    "adaptive_cm": ADAPTIVE_CM,
    "cm_tail_ema": {
        "averaging": {"part": "tail_ema", "start": 0.8125, "decay": 0.96},
        "phases": [CM_TAIL, {**CM_TAIL, "from": 0.675, "coordinates": {"part": "balanced"}}],
    },
    "shampoo_lion": {
        "momentum": {"part": "lookahead", "blend": 0.9, "beta": 0.99},
        "direction": {"part": "sign"},
        "blend": {"part": "shampoo", "share": 0.093, "start": 0.5},
        "memory": {"part": "slow", "share": 0.045, "beta": 0.973},
        "damping": {"part": "curvature", "strength": 0.295},
        "schedule": {"part": "cosine", "lr": 0.0122, "floor": 0.03},
        "averaging": {"part": "coherent", "start": 0.72, "decay": 0.976, "pull": 0.0155},
    },
    "soap": {
        "coordinates": {"part": "factors"},
        "vectors": MUON_VECTORS,
        "momentum": {"part": "ema", "beta": 0.95},
        "direction": {"part": "soap", "beta2": 0.95},
        "schedule": {"part": "cosine", "lr": 0.02},
    },
    "cm_product_space": {
        "phases": [
            {
                **COMP_MUON,
                "vectors": {"part": "adam", "rate": 3e-3},
                "momentum": {"part": "nesterov", "beta": 0.85},
                "direction": {"part": "comp_muon", "damping": 1.0},
                # lr: 5.4 times half a matrix sign
                "schedule": {"part": "lognormal", "lr": 0.2386, "peak": 0.0275, "sigma": 0.6},
            },
            {
                **PRODUCT_SPACE,
                "from": 0.15,
                "steps": {"part": "by_side", "scores": 0.22, "values": 1.0},
            },
        ]
    },
    "scion": {
        "momentum": {"part": "lookahead", "blend": 0.9, "beta": 0.9},
        "direction": {"part": "scion"},
        "steps": {"part": "by_role", "embedding": 1.0, "head": 2.0, "vectors": 1.0},
        "schedule": {"part": "linear", "lr": 0.01},
    },
    "soap_muon": {
        "coordinates": {"part": "factors"},
        "vectors": MUON_VECTORS,
        "momentum": MUON_MOMENTUM,
        "precondition": {"part": "soap", "beta2": 0.9, "every": 1},
        "direction": {"part": "muon"},
        "schedule": {"part": "cosine", "lr": 0.005},
    },
    "schedule_free_adamw": {
        "outer": {"part": "schedule_free", "blend": 0.9},
        "momentum": {"part": "none"},
        "direction": {"part": "adam", "beta2": 0.99},
        "decay": {"part": "decoupled", "rate": 0.01},
        "schedule": {"part": "constant", "lr": 0.02, "warmup": 0.05},
    },
    "normuon_power": {
        "coordinates": {"part": "factors"},
        "vectors": MUON_VECTORS,
        "momentum": {"part": "lookahead", "blend": 0.9025, "beta": 0.95},
        "direction": {"part": "normuon", "beta2": 0.95},
        "schedule": {"part": "power_cooldown", "lr": 0.01, "start": 0.2, "power": 1.2},
    },
    "track3_record": TRACK3_RECORD,
}

RECIPES: dict[str, Spec] = {name: make_spec(choices) for name, choices in CHOICES.items()}
