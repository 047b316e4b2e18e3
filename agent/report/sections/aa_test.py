"""The result of `autoresearch significance aa`."""

import math

from agent.report.section import Section, Table
from agent.verdict.aa_test import AATest
from agent.verdict.figures import figure
from tracks.registry import get_track


def aa_section(found: AATest) -> Section:
    """A sentence a paragraph, and the sample size for each effect."""
    unit = found.unit
    same = (
        "equal to the bit" if found.run_to_run == 0 else f"up to {figure(found.run_to_run)} {unit}"
    )
    text = [
        *(
            f"{c.name}: {'ACCEPTED' if c.accepted else 'refused'} after {c.seeds} held-out "
            "instances."
            for c in found.challengers
        ),
        *_warnings(found),
        f"False positives: {found.kept} of {len(found.challengers)}.",
        f"Run to run (a copy on the same instance): {same}.",
        f"Seed to seed: {figure(_mean(found), '.4g')} on average, standard deviation "
        f"{figure(found.seed_to_seed)} {unit}, over {found.instances} held-out instances.",
        "Pair to pair (a replicate on the same instance): standard deviation "
        f"{figure(found.paired_noise)} {unit}.",
        _simulated(found),
        f"Seeds with which a study's first comparison finds an effect {found.power:.0%} of "
        "the time:",
    ]
    rows = [
        [f"{figure(it.effect)} {unit}", f"{it.in_noise:.3g}", str(it.seeds or "more than 34")]
        for it in found.seeds_needed
    ]
    title = (
        f"{found.submission} on {found.track} (scale {found.scale}, {found.objective}) against "
        f"itself under {len(found.challengers)} other names"
    )
    table = Table(["effect", "in units of the noise", "seeds"], rows)
    return Section("aa", title, text, table=table)


def _mean(found: AATest) -> float:
    """As readers know it: a metric whose losses are negated by its own sign."""
    metric = get_track(found.track).metric
    negated = found.objective == "final" and metric.is_negated
    return metric.value(found.mean) if negated else found.mean


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
        f"each, with this noise, {found.false_keep_rate:.2%} accept one (allowed: "
        f"{found.alpha:.0%}; the error of such a simulation is "
        f"{math.sqrt(found.alpha / found.studies):.2%})."
    )
