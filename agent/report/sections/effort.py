"""What a study took, and how to repeat it."""

from agent.proposers.llm.spending import spending
from agent.report import charts
from agent.report.data import Report, environment
from agent.report.repeat import commands
from agent.report.section import Section, Table
from agent.report.tables import duration
from agent.study.records import Ending


def costs(report: Report) -> Section:
    """Wall-clock time by stage, and of evaluations by how their trials ended."""
    times = {f"stage: {stage}": seconds for stage, seconds in report.study.stages_s.items()}
    for trial in report.trials:
        pruned = trial.outcome.state is Ending.PRUNED
        ended = "complete" if trial.complete else "pruned" if pruned else "failed"
        key = f"trials that ended {ended}"
        times[key] = times.get(key, 0.0) + trial.outcome.duration_s
    rows = [(name, seconds, duration(seconds)) for name, seconds in times.items()]
    spent = spending(report.study)
    model = "No model was asked, so nothing was paid."
    if spent:
        model = f"The model's answers took {spent['seconds']:.0f} s."
    note = f"Stages in wall-clock time; trials in time of their evaluations, which overlap. {model}"
    return Section(
        "times",
        "Time and cost",
        charts=[charts.Bars("Time by stage and by how trials ended", rows)] if rows else [],
        table=Table(["what", "time"], [[name, text] for name, _, text in rows]),
        notes=[note],
    )


def repeat(report: Report) -> Section:
    return Section(
        "reproduce",
        "Commands to repeat this",
        commands=commands(report.study, report.verdict, report.publication),
        table=Table(["reported with", "version"], list(map(list, environment().items()))),
        brief=False,
        folded=True,
    )
