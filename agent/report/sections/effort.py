"""What a study took, and how to repeat it."""

from typing import Any

from agent.report import charts
from agent.report.section import Section, Table
from agent.report.tables import duration


def costs(data: dict[str, Any]) -> Section | None:
    """Wall-clock time by stage, and of evaluations by how their trials ended."""
    spent = times(data)
    rows = [(name, seconds, duration(seconds)) for name, seconds in spent.items()]
    if not rows:
        return None
    model = (
        f"The model's answers took {data['spending']['seconds']:.0f} s."
        if data["spending"]
        else "No model was asked, so nothing was paid."
    )
    note = f"Stages in wall-clock time; trials in time of their evaluations, which overlap. {model}"
    return Section(
        "times",
        "Time and cost",
        charts=[charts.Bars("Time by stage and by how trials ended", rows)],
        table=Table(["what", "time"], [[name, text] for name, _, text in rows]),
        notes=[note],
    )


def times(data: dict[str, Any]) -> dict[str, float]:
    spent = {f"stage: {stage}": seconds for stage, seconds in data["stages_s"].items()}
    for row in data["trials"]:
        kind = row["state"] if row["state"] in ("complete", "pruned") else "failed"
        key = f"trials that ended {kind}"
        spent[key] = spent.get(key, 0.0) + row["duration_s"]
    return spent


def repeat(data: dict[str, Any]) -> Section:
    rows = [[name, value] for name, value in data["environment"].items()]
    return Section(
        "reproduce",
        "Commands to repeat this",
        commands=data["commands"],
        table=Table(["reported with", "version"], rows),
        brief=False,
        folded=True,
    )
