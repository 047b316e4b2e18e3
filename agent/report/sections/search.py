"""What the search tried: progress, learning curves, sources, lineage, failures, all trials."""

import math
from collections import Counter
from typing import Any

from agent.knowledge.stacking import stacked
from agent.proposers.llm.spending import spending, spending_line
from agent.report import charts
from agent.report.data import BEST_SHOWN, Report
from agent.report.section import Section, Table, shown
from agent.report.tables import number, sentence
from agent.study.importance import importance
from agent.study.records import Ending, FinishedTrial, Origin
from agent.verdict.publication import IncumbentCurve, Publication, WinnerCurve
from tracks.evaluation import State


def progress(report: Report) -> Section:
    settings = report.settings
    failed = sorted(Counter(trial.outcome.state for trial in report.failed).items())
    summary = (
        f"Track {settings.track}, objective {settings.objective}, seed {settings.seed}, "
        f"scale {settings.scale}, device {settings.device}, sandbox {report.sandbox or 'none'}: "
        f"{len(report.trials)} of {settings.budget} trials, {len(report.ranked)} complete, "
        f"pruned: {', '.join(f'{n} at {scale}' for scale, n in report.pruned.items()) or 'none'}, "
        f"failed: {', '.join(f'{n} {state}' for state, n in failed) or 'none'}; "
        f"{report.duplicates} duplicates were skipped. "
        f"Evaluations took {report.evaluation_s:.0f} s in all."
    )
    rows = [
        [str(t.number), t.proposal.label, t.proposal.origin, number(t.outcome.final), _steps(t)]
        for t in report.ranked[:BEST_SHOWN]
    ]
    metric = report.track.metric.name
    header = ["trial", "optimizer", "origin", f"last {metric}", "steps to target"]
    note = "The best complete trials: full runs on the official instance."
    if report.steps:
        note += " In the charts a missed target counts as one step more than the run."
    made = [_best_chart(report, by_time=False), _best_chart(report, by_time=True)]
    return Section(
        "progress",
        "Search",
        [summary],
        charts=made if rows else [],
        table=Table(header, rows),
        notes=[note] if rows else [],
    )


def _steps(trial: FinishedTrial) -> str:
    return str(trial.outcome.steps_to_target or "missed")


def _best_chart(report: Report, *, by_time: bool) -> charts.Chart:
    """The best result so far, by trial or by time."""
    metric, verdict = report.track.metric, report.verdict
    loss = "error rate" if metric.higher_is_better else metric.name
    name = "steps to the target" if report.steps else f"final {loss}"
    levels = []
    if verdict and verdict.official:
        levels = [(f"{verdict.incumbent}, the incumbent", verdict.official.incumbent)]
    trials = sorted(report.ranked, key=lambda trial: trial.number)
    points = [
        ((report.ended_s(t) or 0.0) if by_time else float(t.number), t.outcome.score or 0.0)
        for t in trials
    ]
    tips = [f"{t.name}: {t.outcome.score:.6g}" for t in trials]
    series = [
        charts.Series("a complete trial", points, "trial", tips),
        charts.Series("best so far", _best_so_far(points), "best"),
    ]
    x_name = "seconds since the start" if by_time else "trial"
    title = f"Best {name} so far, by {x_name}; lower is better"
    return charts.Plot(title, x_name, name, series, levels, log=not report.steps)


def _best_so_far(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    best, steps = math.inf, []
    for x, value in sorted(points):
        steps += [(x, best)] if math.isfinite(best) else []
        best = min(best, value)
        steps.append((x, best))
    return steps


def curves(report: Report) -> Section:
    """The metric during the official runs of the best trials, the winner and the incumbent."""
    old, new = IncumbentCurve.of(report.study), WinnerCurve.of(report.study)
    found = [
        *([("old", f"{old.name}, the incumbent", old.curve)] if old else []),
        *(
            (f"c{index % charts.COLOURS}", f"trial {curve.trial} {curve.label}", curve.points)
            for index, curve in enumerate(report.curves)
        ),
        *([("new", f"{new.name}, accepted", new.curve)] if new else []),
    ]
    metric, target = report.track.metric.name, report.track.target
    chart = charts.Plot(
        f"{metric} by training step, official instance",
        "step",
        metric,
        [charts.Series(name, points, style) for style, name, points in found],
        [(f"target {target:g}", target)],
        log=not report.track.metric.higher_is_better,
    )
    rows = [
        [name, number(points[0][1]), number(points[-1][1]), str(points[-1][0])]
        for _, name, points in found
        if points
    ]
    table = Table(["run", f"first {metric}", f"last {metric}", "last step"], rows)
    drawn = [chart] if report.curves else []
    return Section("curves", "Learning curves", charts=drawn, table=table, brief=False)


def sources(report: Report) -> Section:
    """The sources of proposals, what composed techniques did, and what hypotheses expected."""
    rows = [
        [
            source.origin,
            str(source.trials),
            str(source.complete),
            str(source.paid),
            "-" if source.best is None else f"trial {source.best}: {source.best_came}",
            "-" if source.usd is None else f"${source.usd:.4f}",
        ]
        for source in report.sources
    ]
    note = (
        "Successes: complete trials that were in the best quarter of those before them. The "
        "success rate decides which source proposes next in a mixed study."
    )
    spent = spending(report.study)
    header = ["source", "trials", "complete", "successes", "best", "cost"]
    return Section(
        "sources",
        "Sources of the proposals",
        table=Table(header, rows),
        notes=[note, spending_line(spent)] if spent else [note],
        parts=shown(_composed(stacked(report.study)), _hypotheses(report)),
        brief=len(rows) > 1 or bool(spent),
    )


def _composed(rows: list[dict[str, Any]]) -> Section:
    word = {True: "yes", False: "no", None: "-"}
    cells = [
        [
            row["bucket"],
            row["part"],
            row["source"],
            "-" if row["base"] is None else f"trial {row['base']}",
            row["before"] or "-",
            str(row["trial"]),
            row["after"],
            word[row["stacks"]],
        ]
        for row in rows
    ]
    header = ["bucket", "part", "source", "joined to", "before", "trial", "after", "improved"]
    notes = ["Techniques of a survey, each joined to the best trial of its time."]
    return Section("composed", "Composed techniques", table=Table(header, cells), notes=notes)


def _hypotheses(report: Report) -> Section:
    """Those of compositions are in their own table."""
    cells = [
        [
            str(trial.number),
            ", ".join(map(str, why.parents)) or "-",
            why.text,
            why.expected_effect or "-",
            why.bucket,
            str(trial.outcome),
        ]
        for trial in report.trials
        if (why := trial.proposal.hypothesis) and trial.proposal.origin is not Origin.COMPOSED
    ]
    table = Table(["trial", "parents", "hypothesis", "expected", "bucket", "result"], cells)
    return Section("hypotheses", "Hypotheses and results", table=table, brief=False)


def lineage(report: Report) -> Section:
    """From the first parent to what was published."""
    text = [" -> ".join(lineage_steps(report))] if report.verdict and report.ranked else []
    text += [publication_line(report.publication)] if report.publication else []
    return Section("lineage", "Origin of the result", text)


def lineage_steps(report: Report) -> list[str]:
    verdict, ablation = report.verdict, report.ablation
    assert verdict, "a result is what a verdict is about"
    last = report.ranked[0].number if verdict.trial is None else verdict.trial
    steps = [
        f"trial {trial.number} ({trial.proposal.origin}: {trial.proposal.label})"
        for trial in _line(report, last)
    ]
    simplified = ablation.simplified if ablation else None
    if ablation and simplified and simplified.verdict and simplified.verdict.accepted:
        steps.append(f"without {', '.join(ablation.taken_out)}")
    return [*steps, f"{'accepted' if verdict.accepted else 'refused'} as {verdict.challenger}"]


def _line(report: Report, number: int) -> list[FinishedTrial]:
    """A trial after its first parents, the oldest first; every parent came before its child."""
    trials = {trial.number: trial for trial in report.trials}
    line: list[FinishedTrial] = []
    while (trial := trials.pop(number, None)) is not None:
        line.insert(0, trial)
        hypothesis = trial.proposal.hypothesis
        number = hypothesis.parents[0] if hypothesis and hypothesis.parents else -1
    return line


def publication_line(publication: Publication) -> str:
    where = f"Files in `{publication.files}`."
    if publication.commit:
        where += f" Committed as {publication.commit[:12]} on branch `{publication.branch}`."
    return f"{where} {sentence(publication.note)}".strip()


def decisions(report: Report) -> Section:
    rows = [(name, share, f"{share:.0%}") for name, share in importance(report.study).items()]
    chart = charts.Bars("Share of each decision in what set good trials apart", rows, 1.0)
    return Section(
        "importance",
        "Decisions that mattered in the search",
        charts=[chart] if rows else [],
        table=Table(["decision", "share"], [[name, text] for name, _, text in rows]),
        notes=["PED-ANOVA over the complete trials: correlations of a search, not proof."],
        brief=False,
    )


def failures(report: Report) -> Section:
    """How many trials ended in each state of failure, with the last of them."""
    ended: dict[State | Ending, list[FinishedTrial]] = {}
    for trial in report.failed:
        ended.setdefault(trial.outcome.state, []).append(trial)
    rows = [
        [state, str(len(trials)), trials[-1].name, trials[-1].outcome.reason or "-"]
        for state, trials in sorted(ended.items())
    ]
    table = Table(["state", "trials", "last trial", "its reason"], rows)
    return Section("failures", "Failures", table=table)


def trials(report: Report) -> Section:
    rows = [
        [
            str(trial.number),
            trial.proposal.label,
            trial.proposal.origin,
            f"pruned at {it.scale}" if it.state is Ending.PRUNED else it.state,
            "-" if it.final is None else number(it.final),
            _steps(trial) if trial.complete else "-",
            f"{it.duration_s:.1f}",
            it.reason or "-",
        ]
        for trial in report.trials
        if (it := trial.outcome)
    ]
    header = ["trial", "optimizer", "origin", "state", "last", "steps", "seconds", "reason"]
    title, table = f"All {len(rows)} trials", Table(header, rows)
    return Section("trials", title, table=table, brief=False, folded=True)
