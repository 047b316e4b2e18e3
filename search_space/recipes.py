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
        "blend": {"part": "shampoo", "share": 0.15, "start": 0.525},
        "memory": {"part": "slow", "share": 0.015, "beta": 0.98},
        "damping": {"part": "curvature", "strength": 0.35},
        "schedule": {"part": "wsd", "lr": 0.008, "decay": 0.6, "floor": 0.02},
        "averaging": {"part": "coherent", "start": 0.8, "decay": 0.96, "pull": 0.03},
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
}

RECIPES: dict[str, Spec] = {name: make_spec(choices) for name, choices in CHOICES.items()}
