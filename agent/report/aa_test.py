"""The report of `autoresearch significance aa`."""

import math

from agent.verdict.aa_test import AATest

HEADER = ["effect", "in units of the noise", "seeds"]


def lines(found: AATest) -> list[str]:
    """What was found, a sentence a line."""
    unit = found.unit
    challengers = found.challengers
    kept = found.kept
    same = "equal to the bit" if found.run_to_run == 0 else f"up to {found.run_to_run:.3g} {unit}"
    return [
        f"{found.submission} on {found.track} (scale {found.scale}, {found.objective}), "
        f"against itself under {len(challengers)} other names:",
        *(
            f"  {c.name}: {'ACCEPTED' if c.accepted else 'refused'} after "
            f"{c.seeds} held-out instances"
            for c in challengers
        ),
        *_warnings(found),
        f"False positives: {kept} of {len(challengers)}.",
        f"Run to run (a copy on the same instance): {same}.",
        f"Seed to seed: {found.mean:.4g} on average, standard deviation "
        f"{found.seed_to_seed:.3g} {unit}, over {found.instances} held-out instances.",
        f"Pair to pair (a replicate on the same instance): standard deviation "
        f"{found.paired_noise:.3g} {unit}.",
        _simulated(found),
        f"Seeds with which a study's first comparison finds an effect {found.power:.0%} of "
        "the time:",
    ]


def rows(found: AATest) -> list[list[str]]:
    return [
        [
            f"{row.effect:.3g} {found.unit}",
            f"{row.in_noise:.3g}",
            str(row.seeds) if row.seeds else "more than 34",
        ]
        for row in found.seeds_needed
    ]


def _warnings(found: AATest) -> list[str]:
    if found.missed == found.instances and found.objective == "steps":
        return [
            f"{found.submission} misses the target everywhere, so its noise says nothing: choose "
            "one with --submission that reaches it."
        ]
    if not found.paired_noise:
        return ["Replicates came out equal to the bit, so the noise is unknown."]
    return []


def _simulated(found: AATest) -> str:
    if found.false_keep_rate is None:
        return (
            "Too few differences were measured to simulate studies: more --replicates or --seeds."
        )
    return (
        f"Of {found.studies} simulated studies with {found.proposals} worthless challengers "
        f"each, with this noise, {found.false_keep_rate:.2%} keep one (allowed: "
        f"{found.alpha:.0%}; such a simulation is off by "
        f"{math.sqrt(found.alpha / found.studies):.2%})."
    )
