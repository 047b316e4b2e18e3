"""How the search went: the best result so far, and learning curves."""

import math
from collections import Counter

from agent.report import charts
from agent.report.data import BEST_SHOWN, Report
from agent.report.section import Section, Table
from agent.report.tables import if_target, number
from agent.study.ladder import screen_of, searches
from agent.study.records import Origin, Trial
from agent.verdict.effect import official_texts
from agent.verdict.publication import IncumbentCurve, WinnerCurve


def begun(report: Report) -> Section:
    """The trials that are measured now."""
    rows = [
        [
            str(trial.number),
            trial.proposal.label if trial.proposal else "being proposed",
            _origin(trial),
            f"{trial.started:%H:%M:%S}" if trial.started else "-",
        ]
        for trial in report.begun
    ]
    ended = "" if report.running else " No run of the study is active: see above how it continues."
    return Section(
        "begun",
        "Trials that run now" if report.running else "Trials without an end",
        table=Table(["trial", "optimizer", "origin", "since"], rows),
        notes=[f"Times are local.{ended}"],
    )


def _origin(trial: Trial) -> str:
    about = trial.proposal or trial.queued
    return trial.model or (about.origin if about else trial.source or Origin.SAMPLED)


def progress(report: Report) -> Section:
    settings = report.settings
    failed = sorted(Counter(trial.outcome.state for trial in report.failed).items())
    sandbox = f", sandbox {report.sandbox or 'none'}" if report.trials else ""
    summary = (
        f"Track {settings.track}, objective {settings.objective}, seed {settings.seed}, "
        f"scale {settings.scale}, device {settings.device}{sandbox}: "
        f"{len(report.trials)} of {settings.budget} trials, {len(report.ranked)} complete, "
        f"pruned: {', '.join(f'{n} at {scale}' for scale, n in report.pruned.items()) or 'none'}, "
        f"failed: {', '.join(f'{n} {state}' for state, n in failed) or 'none'}; "
        f"{report.duplicates} duplicates were skipped. "
        f"Evaluations took {report.evaluation_s:.0f} s in all.{screened(report)}"
    )
    rows = [
        [
            str(trial.number),
            trial.proposal.label,
            trial.proposal.origin,
            number(trial.outcome.final),
            *if_target(report.track, str(trial.outcome.steps_to_target or "missed")),
        ]
        for trial in report.ranked[:BEST_SHOWN]
    ]
    metric = report.track.metric.name
    steps = if_target(report.track, "steps to target")
    header = ["trial", "optimizer", "origin", f"last {metric}", *steps]
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


def screened(report: Report) -> str:
    """How sampled trials came about, where there are some."""
    scale = screen_of(report.settings)
    if scale is None or all(one.proposal.origin is not Origin.SAMPLED for one in report.trials):
        return ""
    from_all = searches(report.settings, scale)
    best = "one of the best" if from_all else f"the best of {report.settings.screen}"
    return (
        f" A sampled trial is {best} candidates at scale {scale}, "
        "whose runs are not in these numbers."
    )


def _best_chart(report: Report, *, by_time: bool) -> charts.Chart:
    """The best result so far, by trial or by time."""
    metric, verdict = report.track.metric, report.verdict
    name = "steps to the target" if report.steps else f"final {metric.signed_loss_name}"
    levels = []
    if verdict and verdict.official:
        missed = " (missed)" if official_texts(verdict)[1] == "missed" else ""
        levels = [(f"{verdict.incumbent}, the incumbent{missed}", verdict.official.incumbent)]
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
    return charts.Plot(title, x_name, name, series, levels, log=metric.log and not report.steps)


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
        f"The {metric} by training step, official instance",
        "step",
        metric,
        [charts.Series(name, points, style) for style, name, points in found],
        [] if target is None else [(f"target {target:g}", target)],
        log=report.track.metric.log and not report.track.metric.higher_is_better,
    )
    rows = [
        [name, number(points[0][1]), number(points[-1][1]), str(points[-1][0])]
        for _, name, points in found
        if points
    ]
    table = Table(["run", f"first {metric}", f"last {metric}", "last step"], rows)
    drawn = [chart] if report.curves else []
    return Section("curves", "Learning curves", charts=drawn, table=table, brief=False)
