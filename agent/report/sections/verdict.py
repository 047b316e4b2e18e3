"""The verdict of a study, and its comparison with tuned baselines."""

from agent.report.data import Report
from agent.report.repeat import baseline_command
from agent.report.section import Section, Table
from agent.study.settings import Settings
from agent.verdict.alpha import AlphaLedger
from agent.verdict.baselines import BaselineRow
from agent.verdict.comparison_keys import DIGITS
from agent.verdict.effect import missed, official_texts, pair_texts, result_text
from agent.verdict.figures import between, figure
from agent.verdict.verdict import Verdict
from tracks.instance import WIDE
from tracks.isolation.levels import Level
from tracks.registry import get_track

KEYED = ("challenger_digest", "incumbent_digest", "track", "scale")
BASELINE_HEADER = [
    "baseline",
    "trials",
    "its results",
    "the winner's",
    "the winner is better by",
    "p",
    "beaten",
]


def verdict_section(verdict: Verdict, record: str, alpha: str = "") -> Section:
    """`record` is the file by which its instances can be computed again."""
    text = [f"{verdict.challenger} against {verdict.incumbent}: {verdict.reason}."]
    if before := verdict.before_simplifying:
        text.append(f"With all its parts, as {before.challenger}, it was {before.reason}.")
    rows = [
        [str(index), *texts, pair.drawn_from]
        for index, (texts, pair) in enumerate(zip(pair_texts(verdict), verdict.pairs, strict=True))
    ]
    if rows and verdict.official:
        rows.insert(0, ["official", *official_texts(verdict), "public seeds"])
    header = ["instance", verdict.challenger, verdict.incumbent, "drawn from"]
    notes = [test_line(verdict), runs_line(verdict), key_line(verdict, record), alpha]
    kept = [note for note in notes if note]
    return Section("verdict", "Verdict", text, table=Table(header, rows), notes=kept)


def runs_line(verdict: Verdict) -> str:
    """The sandbox of the runs, and by which trainer a metric differs from an official result."""
    sandbox = f"Both ran in a sandbox of level {verdict.sandbox}." if verdict.sandbox else ""
    if verdict.objective == "steps" or not get_track(verdict.track).has_closed_form:
        return sandbox
    trainer = (
        "Their gradients are closed-form; an official result has those of the exact trainer, "
        "so its last digits differ."
    )
    return f"{sandbox} {trainer}".strip()


def sandbox_note(level: Level | None) -> str:
    """A warning where the submissions were not fully isolated; empty otherwise."""
    if level in (None, Level.FULL):
        return ""
    return f"The sandbox was of level {level} only: a submission could have cheated."


def key_line(verdict: Verdict, record: str) -> str:
    """How the held-out instances follow from the key; empty where none was drawn."""
    if not verdict.key:
        return ""
    what = "/".join(getattr(verdict, part) for part in KEYED)
    begins = f"`{WIDE}` and " if verdict.key.startswith(WIDE) else ""
    return (
        f"The key of these instances was drawn when both files were frozen, and is public now: "
        f"`{verdict.key}`. Instance i is drawn from {begins}the first {DIGITS} hexadecimal digits "
        f"of an HMAC-SHA-256, keyed with that text, over `{what}/i`. "
        f"`autoresearch significance instances {record}` recomputes and compares them."
    )


def test_line(verdict: Verdict) -> str:
    """The test with its interim analyses and its alpha; empty where nothing was tested."""
    test = verdict.test
    if not test:
        return ""
    ends = between(test.interval, ".4g")
    # a difference of negated metrics, read as one of the metrics that the table shows
    negated = verdict.objective == "final" and get_track(verdict.track).metric.is_negated
    sides = ("challenger", "incumbent") if negated else ("incumbent", "challenger")
    analyses = "; ".join(
        f"n = {it.seeds}, p = {it.p:.2g} (threshold {it.level:.2g})"
        for it in verdict.interim_analyses
    )
    sentences = [
        f"Paired one-sided t-test on {verdict.unit}, {' minus '.join(sides)}: "
        f"mean {figure(test.mean, '.4g')}, 95% interval {ends}, not adjusted for interim "
        "analyses, "
        f"t = {test.t:.4g}, {test.degrees} degrees of freedom, p = {test.p:.3g}.",
        "Missed targets are censored: they count as one step more than the run."
        if any(missed(verdict))
        else "",
        f"Interim analyses: {analyses}. Alpha for this comparison: {verdict.level:.2g} of the "
        f"study's {verdict.alpha:g}.",
        f"The effect had to be above {verdict.min_effect:g}." if verdict.min_effect else "",
    ]
    return " ".join(filter(None, sentences))


def alpha_line(alpha: AlphaLedger) -> str:
    """Every comparison of the study with its level, and the alpha spent together."""
    decided = {True: "accepted", False: "refused", None: "open"}
    each = ", ".join(f"{it.level:.2g} ({decided[it.accepted]})" for it in alpha.comparisons)
    return (
        f"Alpha of this study's comparisons so far: {each or 'none'}. Spent together: "
        f"{alpha.spent:.2g}; a level passed on by a promotion counts once."
    )


def baselines(report: Report) -> Section:
    """The winner against known optimizers that were tuned with as many trials."""
    rows = [_cells(row, report.settings) for row in report.baselines.rows]
    text = (
        "Baselines get as many trials: their parts are fixed, and Optuna's TPE tunes their "
        "numbers, without candidates at smaller scales. Each is compared on held-out instances of "
        "its own, in "
        f"{report.baselines.rows[0].unit}, at 1%, with interim analyses."
        if rows
        else "No baseline was tuned with as many trials, so this says nothing of tuned AdamW or "
        f"Muon. Tune them with `{baseline_command(report.study)}`, then "
        f"`autoresearch run --resume {report.study.name}`."
    )
    table = Table(BASELINE_HEADER, rows)
    return Section("baselines", "Comparison with tuned baselines", [text], table=table)


def _cells(row: BaselineRow, asked: Settings) -> list[str]:
    results = [
        ", ".join(result_text(one, asked.objective, asked.track, asked.scale) for one in scores)
        for scores in (row.scores, row.winner)
    ]
    start = [row.family, str(row.trials), *results]
    if not row.test:
        return [*start, "-", "-", "no"]
    better = f"{figure(row.test.mean, '.4g')} {between(row.test.interval, '.4g')}"
    return [*start, better, f"{row.test.p:.2g}", "yes" if row.beaten else "no"]
