"""The report of `autoresearch significance aa`."""

import math
from typing import Any

HEADER = ["effect", "in units of the noise", "seeds"]


def lines(data: dict[str, Any]) -> list[str]:
    """What was found, a sentence a line."""
    unit = data["unit"]
    challengers = data["challengers"]
    kept = data["kept"]
    same = (
        "equal to the bit" if data["run_to_run"] == 0 else f"up to {data['run_to_run']:.3g} {unit}"
    )
    return [
        f"{data['submission']} on {data['track']} (scale {data['scale']}, {data['objective']}), "
        f"against itself under {len(challengers)} other names:",
        *(
            f"  {c['name']}: {'ACCEPTED' if c['accepted'] else 'refused'} after "
            f"{c['seeds']} fresh instances"
            for c in challengers
        ),
        *_warnings(data),
        f"Falsely kept: {kept} of {len(challengers)}.",
        f"Run to run (a copy on the same instance): {same}.",
        f"Seed to seed: {data['mean']:.4g} on average, standard deviation "
        f"{data['seed_to_seed']:.3g} {unit}, over {data['instances']} fresh instances.",
        f"Pair to pair (a twin on the same instance): standard deviation "
        f"{data['paired_noise']:.3g} {unit}.",
        _simulated(data),
        f"Seeds with which a study's first comparison finds an effect {data['power']:.0%} of "
        "the time:",
    ]


def rows(data: dict[str, Any]) -> list[list[str]]:
    return [
        [
            f"{row['effect']:.3g} {data['unit']}",
            f"{row['in_noise']:.3g}",
            str(row["seeds"]) if row["seeds"] else "more than 34",
        ]
        for row in data["seeds_needed"]
    ]


def _warnings(data: dict[str, Any]) -> list[str]:
    if data["missed"] == data["instances"] and data["objective"] == "steps":
        return [
            f"{data['submission']} misses the target everywhere, so its noise says nothing: choose "
            "one with --submission that reaches it."
        ]
    if not data["paired_noise"]:
        return ["Twins came out equal to the bit, so nothing is known of the noise."]
    return []


def _simulated(data: dict[str, Any]) -> str:
    if data["false_keep_rate"] is None:
        return (
            "Too few differences were measured to simulate studies: more --replicates or --seeds."
        )
    return (
        f"Of {data['studies']} simulated studies with {data['proposals']} worthless challengers "
        f"each, with this noise, {data['false_keep_rate']:.2%} keep one (allowed: "
        f"{data['alpha']:.0%}; such a simulation is off by "
        f"{math.sqrt(data['alpha'] / data['studies']):.2%})."
    )
