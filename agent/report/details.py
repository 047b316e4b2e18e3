"""What a report tells below its verdict, for the page and for Markdown alike."""

from typing import Any

from agent.verdict.removable import part_name


def lineage(data: dict[str, Any]) -> list[str]:
    """From where the winner came to what was published, a step a line."""
    verdict, ablation = data["verdict"], data["ablation"]
    if not (verdict and data["best"]):
        return []
    number = verdict.get("trial", data["best"][0]["trial"])
    trials = {row["trial"]: row for row in data["trials"]}
    trial = trials[number]
    steps = [
        f"trial {n} ({trials[n]['origin']}: {trials[n]['label']})" for n in _line(data, number)
    ]
    steps.append(f"trial {number} ({trial['origin']}: {trial['label']})")
    simplified = ablation and ablation["simplified"]
    if simplified and simplified["verdict"]["accepted"]:
        names = [part_name(ablation["rows"][index]) for index in simplified["parts"]]
        steps.append(f"without {', '.join(names)}")
    steps.append(("accepted as " if verdict["accepted"] else "refused as ") + verdict["challenger"])
    return steps


def _line(data: dict[str, Any], number: int) -> list[int]:
    """The first parents of a trial, the oldest first; every parent came before its child."""
    parents = {row["trial"]: row["parents"] for row in data["hypotheses"]}
    line: list[int] = []
    known = {row["trial"] for row in data["trials"]}
    while parents.get(number) and (number := parents[number][0]) in known - set(line):
        line.insert(0, number)
    return line


def failures(data: dict[str, Any]) -> list[tuple[str, int, str]]:
    """State, how many, and the last reason."""
    ended: dict[str, list[str]] = {}
    for row in data["trials"]:
        if row["state"] not in ("complete", "pruned"):
            ended.setdefault(row["state"], []).append(row["reason"])
    return [(state, len(reasons), reasons[-1]) for state, reasons in sorted(ended.items())]


def times(data: dict[str, Any]) -> dict[str, float]:
    """Wall-clock seconds by stage, then those of evaluations by how their trials ended."""
    spent = {f"stage: {stage}": seconds for stage, seconds in data["stages_s"].items()}
    for row in data["trials"]:
        kind = row["state"] if row["state"] in ("complete", "pruned") else "failed"
        key = f"trials that ended {kind}"
        spent[key] = spent.get(key, 0.0) + row["duration_s"]
    return spent
