"""What a study took, and how to repeat it."""

from agent.report import charts
from agent.report.data import Report
from agent.report.repeat import environment
from agent.report.section import Section, Table
from agent.report.tables import duration
from agent.study.records import Ending


def costs(report: Report) -> Section:
    """Time and dollars by stage, and the time of evaluations by how their trials ended."""
    rows = [
        [
            stage,
            duration(cost.wall_s),
            duration(cost.cpu_s),
            duration(cost.gpu_s) if cost.gpu_s else "-",
            f"${usd:.4f}" if usd else "-",
        ]
        for stage, cost, usd in report.costs
    ]
    times: dict[str, float] = {}
    for trial in report.trials:
        pruned = trial.outcome.state is Ending.PRUNED
        ended = "complete" if trial.complete else "pruned" if pruned else "failed"
        times[ended] = times.get(ended, 0.0) + trial.outcome.duration_s
    ended = ", ".join(f"{name} {duration(seconds)}" for name, seconds in times.items())
    bars = [(str(stage), it.wall_s, duration(it.wall_s)) for stage, it, _ in report.costs]
    return Section(
        "times",
        "Time and cost",
        charts=[charts.Bars("Wall-clock time by stage", bars)] if bars else [],
        table=Table(["stage", "wall-clock", "CPU", "GPU", "model"], rows),
        notes=[
            f"Evaluations of trials, which overlap, by how the trials ended: {ended or 'none'}. "
            "CPU time is of all processes; a dash: none was used."
        ],
    )


def repeat(report: Report) -> Section:
    return Section(
        "reproduce",
        "Commands to repeat this",
        commands=report.commands,
        table=Table(["reported with", "version"], [[*it] for it in environment().items()]),
        brief=False,
        folded=True,
    )
