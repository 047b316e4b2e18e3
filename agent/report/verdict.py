"""The verdict of a study in words and cells: its test, its alpha, and the tuned baselines."""

from typing import Any

from agent.verdict.baselines import BaselineRecord, BaselineRow
from agent.verdict.comparison_keys import DIGITS
from agent.verdict.effect import missed, score_text
from agent.verdict.verdict import Verdict
from tracks.base import Objective
from tracks.isolation.levels import Level
from tracks.registry import get_track

KEYED = ("challenger_digest", "incumbent_digest", "track", "scale")


def verdict_record(data: dict[str, Any]) -> str:
    """The file of a study's verdict, below the workspace."""
    return f"runs/{data['study']}/verdict.json"


def sandbox_note(verdict: Verdict) -> str:
    """A warning where the submissions were not fully isolated; empty otherwise."""
    if verdict.sandbox in (None, Level.FULL):
        return ""
    return f"The sandbox was of level {verdict.sandbox} only: a submission could have cheated."


def before_line(verdict: Verdict) -> str:
    """The verdict before parts were taken out; empty where none were."""
    before = verdict.before_simplifying
    if not before:
        return ""
    return f"With all its parts, as {before.challenger}, it was {before.reason}."


def key_line(verdict: Verdict, record: str) -> str:
    """How the held-out instances follow from the key; empty where none was drawn."""
    if not verdict.key:
        return ""
    what = "/".join(getattr(verdict, part) for part in KEYED)
    return (
        f"The key of these instances was drawn when both files were frozen, and is public now: "
        f"`{verdict.key}`. Instance i is drawn from the first {DIGITS} hexadecimal digits of an "
        f"HMAC-SHA-256, keyed with that text, over `{what}/i`. "
        f"`autoresearch significance instances {record}` recomputes and compares them."
    )


def test_line(verdict: Verdict) -> str:
    """The test with its interim analyses and its alpha; empty where nothing was tested."""
    test = verdict.test
    if not test:
        return ""
    low, high = test.interval
    censored = "Missed targets are censored: they count as one step more than the run. "
    return (
        f"Paired one-sided t-test on {verdict.unit}, incumbent minus challenger: "
        f"mean {test.mean:.4g}, 95% interval [{low:.4g}, {high:.4g}], "
        f"t = {test.t:.4g}, {test.degrees} degrees of freedom, p = {test.p:.3g}. "
        f"{censored if any(missed(verdict)) else ''}{alpha_sentence(verdict)}"
    )


def alpha_sentence(verdict: Verdict) -> str:
    """The interim analyses, and the alpha of this comparison."""
    done = "; ".join(
        f"n = {it.seeds}, p = {it.p:.2g} (threshold {it.level:.2g})"
        for it in verdict.interim_analyses
    )
    above = f" The effect had to be above {verdict.min_effect:g}." if verdict.min_effect else ""
    return (
        f"Interim analyses: {done}. Alpha for this comparison: {verdict.level:.2g} of the study's "
        f"{verdict.alpha:g}.{above}"
    )


def alpha_line(data: dict[str, Any]) -> str:
    """Every comparison of the study with its level, and the alpha spent together."""
    decided = {True: "accepted", False: "refused", None: "open"}
    each = ", ".join(f"{c['level']:.2g} ({decided[c['accepted']]})" for c in data["alpha"])
    return (
        f"Alpha of this study's comparisons so far: {each or 'none'}. Spent together: "
        f"{data['alpha_spent']:.2g}; a level passed on by a promotion counts once."
    )


def baseline_note(data: dict[str, Any]) -> str:
    return (
        "Baselines get the same tuning budget: their parts are fixed, their numbers are searched "
        "by the same sampler. Each is compared on held-out instances of its own, in "
        f"{data['baselines'][0]['unit']}, at 1%, with interim analyses."
    )


BASELINE_HEADER = [
    "baseline",
    "trials",
    "its results",
    "the winner's",
    "the winner is better by",
    "p",
    "beaten",
]


def baseline_table(data: dict[str, Any]) -> list[list[str]]:
    """Cells of each baseline."""
    max_steps = get_track(data["track"]).scales[data["scale"]].max_steps
    rows = BaselineRecord.from_json({"rows": data["baselines"]}).rows
    return [_baseline_cells(row, data["objective"], max_steps) for row in rows]


def _baseline_cells(row: BaselineRow, objective: Objective, max_steps: int) -> list[str]:
    results = [
        ", ".join(score_text(score, objective, max_steps) for score in scores)
        for scores in (row.scores, row.winner)
    ]
    start = [row.family, str(row.trials), *results]
    if not row.test:
        return [*start, "-", "-", "no"]
    low, high = row.test.interval
    better = f"{row.test.mean:.4g} [{low:.4g}, {high:.4g}]"
    return [*start, better, f"{row.test.p:.2g}", "yes" if row.beaten else "no"]
