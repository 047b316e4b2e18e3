"""The verdict of a study in words and cells: its test, its alpha, and the tuned baselines."""

from typing import Any

from agent.report.tables import number
from agent.verdict.comparison_keys import DIGITS
from tracks.isolation.levels import Level

KEYED = ("challenger_digest", "incumbent_digest", "track", "scale")


def verdict_record(data: dict[str, Any]) -> str:
    """The file of a study's verdict, below the workspace."""
    return f"runs/{data['study']}/verdict.json"


def sandbox_note(verdict: dict[str, Any]) -> str:
    """What to say of a verdict whose submissions were not fully shut in; empty otherwise."""
    level = verdict.get("sandbox")
    if level in (None, Level.FULL):
        return ""
    return f"The sandbox was of level {level} only, so that a submission could have cheated."


def before_line(verdict: dict[str, Any]) -> str:
    """What the verdict was before parts were taken out; empty where none were."""
    before = verdict.get("before_simplifying")
    if not before:
        return ""
    return f"With all its parts, as {before['challenger']}, it was {before['reason']}."


def key_line(verdict: dict[str, Any], record: str) -> str:
    """How the held-out instances follow from the key; empty where none was drawn."""
    key = verdict.get("key")
    if not key:
        return ""
    what = "/".join(verdict[part] for part in KEYED)
    return (
        f"The key of these instances was drawn when both files were frozen, and is public now: "
        f"`{key}`. Instance i is drawn from the first {DIGITS} hexadecimal digits of an "
        f"HMAC-SHA-256, keyed with that text, over `{what}/i`. "
        f"`autoresearch significance instances {record}` draws them again and compares."
    )


def test_line(verdict: dict[str, Any]) -> str:
    test = verdict["test"]
    low, high = test["interval"]
    steps = verdict["objective"] == "steps"
    return (
        f"Paired one-sided t-test on {verdict['unit']}, incumbent minus challenger: "
        f"mean {test['mean']:.4g}, 95% interval [{low:.4g}, {high:.4g}], "
        f"t = {test['t']:.4g}, {test['degrees']} degrees of freedom, "
        f"p = {test['p']:.3g}. {spending_line(verdict)}"
        + (" A missed target counts as one step more than the run." if steps else "")
    )


def spending_line(verdict: dict[str, Any]) -> str:
    """When the verdict looked at the results, and how much alpha it could spend on that."""
    looks = verdict.get("looks")
    if not looks:
        return f"Accepted below {verdict['alpha']}."
    seen = ", ".join(
        f"{look['seeds']} (p = {look['p']:.2g} against {look['level']:.2g})" for look in looks
    )
    above = f" An effect above {verdict['min_effect']:g} was asked for."
    return (
        f"Looked at after so many instances: {seen}. This comparison could spend "
        f"{verdict['level']:.2g} of the {verdict['alpha']:g} that all comparisons of the study "
        "share." + (above if verdict["min_effect"] else "")
    )


def alpha_line(data: dict[str, Any]) -> str:
    """Every comparison of the study with its level, and what they have spent together."""
    decided = {True: "accepted", False: "refused", None: "open"}
    each = ", ".join(f"{c['level']:.2g} ({decided[c['accepted']]})" for c in data["alpha"])
    return (
        f"Levels of this study's comparisons so far: {each or 'none'}. Together they have spent "
        f"{data['alpha_spent']:.2g}; what a promotion passes on counts once."
    )


def baseline_note(data: dict[str, Any]) -> str:
    return (
        "Their parts fixed, their numbers searched by the same sampler; compared on fresh "
        f"instances of their own, a key each, in {data['baselines'][0]['unit']}, as many as it "
        "takes to tell at 1% for each by itself."
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


def baseline_cells(row: dict[str, Any]) -> list[str]:
    results = [
        ", ".join("failed" if score is None else number(score) for score in scores)
        for scores in (row["scores"], row.get("winner", []))
    ]
    start, test = [row["family"], str(row["trials"]), *results], row["test"]
    if not test:
        return [*start, "-", "-", "no"]
    low, high = test["interval"]
    better = f"{test['mean']:.4g} [{low:.4g}, {high:.4g}]"
    beaten = {True: "yes", False: "no", None: "-"}[row.get("beaten")]
    return [*start, better, f"{test['p']:.2g}", beaten]
