"""What the search tried: progress, learning curves, sources, lineage, failures, all trials."""

import math
from typing import Any

from agent.proposers.llm.spending import spending_line
from agent.report import charts
from agent.report.section import Section, Table
from agent.report.tables import number, sentence
from agent.verdict.ablation_record import Ablation


def progress(data: dict[str, Any]) -> Section:
    failed = ", ".join(f"{count} {state}" for state, count in sorted(data["failed"].items()))
    pruned = ", ".join(f"{count} at {scale}" for scale, count in data["pruned"].items())
    summary = (
        f"Track {data['track']}, objective {data['objective']}, seed {data['seed']}, "
        f"scale {data['scale']}, device {data['device']}, sandbox {data['sandbox'] or 'none'}: "
        f"{data['finished']} of {data['budget']} trials, {data['complete']} complete, "
        f"pruned: {pruned or 'none'}, failed: {failed or 'none'}; "
        f"{data['duplicates']} duplicates were skipped. "
        f"Evaluations took {data['evaluation_s']:.0f} s in all."
    )
    rows = [
        [
            str(row["trial"]),
            row["label"],
            row["origin"],
            number(row["final"]),
            str(row["steps_to_target"] or "missed"),
        ]
        for row in data["best"]
    ]
    header = ["trial", "optimizer", "origin", f"final {data['metric']}", "steps to target"]
    note = "The best complete trials: full runs on the official instance."
    if data["objective"] == "steps":
        note += " A missed target counts as one step more than the run."
    return Section(
        "progress",
        "Search",
        [summary],
        charts=_progress_charts(data),
        table=Table(header, rows) if rows else None,
        notes=[note] if rows else [],
    )


def _progress_charts(data: dict[str, Any]) -> list[charts.Chart]:
    """The best result so far, by trial and by time."""
    loss = "error rate" if data["metric"] == "accuracy" else data["metric"]
    steps = data["objective"] == "steps"
    name = "steps to the target" if steps else f"final {loss}"
    official = (data["verdict"] or {}).get("official")
    levels = []
    if official:
        levels = [(f"{data['verdict']['incumbent']}, the incumbent", official["incumbent"])]
    made: list[charts.Chart] = []
    for key, x_name in (("trial", "trial"), ("ended_s", "seconds since the start")):
        rows = [row for row in data["trials"] if row["score"] is not None and row[key] is not None]
        if not rows:
            continue
        points = [(float(row[key]), row["score"]) for row in rows]
        tips = [f"trial {row['trial']} {row['label']}: {row['score']:.6g}" for row in rows]
        series = [
            charts.Series("a complete trial", points, "trial", tips),
            charts.Series("best so far", _best_so_far(points), "best"),
        ]
        title = f"Best {name} so far, by {x_name}; lower is better"
        made.append(charts.Plot(title, x_name, name, series, levels, log=not steps))
    return made


def _best_so_far(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    best, steps = math.inf, []
    for x, value in sorted(points):
        steps += [(x, best)] if math.isfinite(best) else []
        best = min(best, value)
        steps.append((x, best))
    return steps


def curves(data: dict[str, Any]) -> Section | None:
    """The metric during the official runs of the best trials, the winner and the incumbent."""
    runs = [
        (f"c{index % charts.COLOURS}", f"trial {curve['trial']} {curve['label']}", curve["points"])
        for index, curve in enumerate(data["curves"])
    ]
    if data["incumbent"]:
        name = f"{data['incumbent']['name']}, the incumbent"
        runs.insert(0, ("old", name, data["incumbent"]["curve"]))
    if data["winner"]:
        runs.append(("new", f"{data['winner']['name']}, accepted", data["winner"]["curve"]))
    if not data["curves"]:
        return None
    metric, target = data["metric"], data["target"]
    chart = charts.Plot(
        f"{metric} by training step, official instance",
        "step",
        metric,
        [charts.Series(name, points, style) for style, name, points in runs],
        [(f"target {target:g}", target)],
        log=metric != "accuracy",
    )
    rows = [
        [name, number(points[0][1]), number(points[-1][1]), str(points[-1][0])]
        for _, name, points in runs
        if points
    ]
    header = ["run", f"first {metric}", f"last {metric}", "last step evaluated"]
    return Section(
        "curves", "Learning curves", charts=[chart], table=Table(header, rows), brief=False
    )


def sources(data: dict[str, Any]) -> Section | None:
    """The sources of proposals, what composed techniques did, and what hypotheses expected."""
    if not data["sources"]:
        return None
    rows = [
        [
            row["origin"],
            str(row["trials"]),
            str(row["complete"]),
            str(row["paid"]),
            "-" if row["best"] is None else f"trial {row['best']}: {row['best_came']}",
            "-" if row["usd"] is None else f"${row['usd']:.4f}",
        ]
        for row in data["sources"]
    ]
    note = (
        "Successes: complete trials that were in the best quarter of those before them. The "
        "success rate decides which source proposes next in a mixed study."
    )
    parts = [part for part in (_composed(data["stacked"]), _hypotheses(data["hypotheses"])) if part]
    spent = [spending_line(data["spending"])] if data["spending"] else []
    header = ["source", "trials", "complete", "successes", "best", "cost"]
    return Section(
        "sources",
        "Sources of the proposals",
        table=Table(header, rows),
        notes=[note, *spent],
        parts=parts,
        brief=len(rows) > 1 or bool(spent),
    )


def _composed(rows: list[dict[str, Any]]) -> Section | None:
    header = ["bucket", "part", "source", "joined to", "before", "trial", "after", "improved"]
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
    text = ["Techniques of a survey, each joined to the best trial of its time."]
    table = Table(header, cells)
    return Section("composed", "Composed techniques", text, table=table) if rows else None


def _hypotheses(rows: list[dict[str, Any]]) -> Section | None:
    """Those of compositions are in their own table."""
    cells = [
        [
            str(row["trial"]),
            ", ".join(map(str, row["parents"])) or "-",
            row["text"],
            row["expected_effect"] or "-",
            row["bucket"],
            row["came"],
        ]
        for row in rows
        if row["origin"] != "composed"
    ]
    header = ["trial", "parents", "hypothesis", "expected", "bucket", "result"]
    table = Table(header, cells)
    title = "Hypotheses and results"
    return Section("hypotheses", title, table=table, brief=False) if cells else None


def lineage(data: dict[str, Any]) -> Section | None:
    """From the first parent to what was published."""
    steps = lineage_steps(data)
    if not steps:
        return None
    text = [" -> ".join(steps)]
    novelty = (data["verdict"] or {}).get("novelty")
    text += [nearest_line(novelty)] if novelty else []
    text += [publication_line(data["publication"])] if data["publication"] else []
    return Section("lineage", "Origin of the result", text)


def lineage_steps(data: dict[str, Any]) -> list[str]:
    verdict, ablation = data["verdict"], data["ablation"]
    if not (verdict and data["best"]):
        return []
    number = verdict["trial"] if verdict["trial"] is not None else data["best"][0]["trial"]
    trials = {row["trial"]: row for row in data["trials"]}
    steps = [
        f"trial {n} ({trials[n]['origin']}: {trials[n]['label']})"
        for n in [*_ancestors(data, number), number]
    ]
    simplified = ablation and ablation["simplified"]
    if simplified and simplified["verdict"]["accepted"]:
        steps.append(f"without {', '.join(Ablation.from_json(ablation).taken_out)}")
    return [
        *steps,
        f"{'accepted' if verdict['accepted'] else 'refused'} as {verdict['challenger']}",
    ]


def _ancestors(data: dict[str, Any], number: int) -> list[int]:
    """The first parents of a trial, the oldest first; every parent came before its child."""
    parents = {row["trial"]: row["parents"] for row in data["hypotheses"]}
    line: list[int] = []
    known = {row["trial"] for row in data["trials"]}
    while parents.get(number) and (number := parents[number][0]) in known - set(line):
        line.insert(0, number)
    return line


def nearest_line(novelty: dict[str, Any]) -> str:
    """The known optimizer whose updates on fixed gradients are nearest to the winner's."""
    return (
        "Behavioural fingerprint: by its updates on fixed gradients the nearest known optimizer is "
        f"{novelty['nearest']} (relative distance {novelty['distance']:.2g}, "
        f"{novelty['rescaled']:.2g} after rescaling; 0 is equal, 1.4 unrelated)."
    )


def publication_line(publication: dict[str, Any]) -> str:
    where = f"Files in `{publication['files']}`."
    if publication["commit"]:
        where += f" Committed as {publication['commit'][:12]} on branch `{publication['branch']}`."
    return f"{where} {sentence(publication['note'])}".strip()


def importance(data: dict[str, Any]) -> Section | None:
    shares = [(name, share, f"{share:.0%}") for name, share in data["importance"].items()]
    if not shares:
        return None
    return Section(
        "importance",
        "Decisions that mattered in the search",
        charts=[charts.Bars("Share of each decision in what set good trials apart", shares, 1.0)],
        table=Table(["decision", "share"], [[name, text] for name, _, text in shares]),
        notes=["PED-ANOVA over the complete trials: correlations of a search, not proof."],
        brief=False,
    )


def failures(data: dict[str, Any]) -> Section | None:
    """How many trials ended in each state of failure, with the last of them."""
    ended: dict[str, list[dict[str, Any]]] = {}
    for row in data["trials"]:
        if row["state"] not in ("complete", "pruned"):
            ended.setdefault(row["state"], []).append(row)
    rows = [
        [
            state,
            str(len(all_of)),
            f"{all_of[-1]['trial']} {all_of[-1]['label']}",
            all_of[-1]["reason"] or "-",
        ]
        for state, all_of in sorted(ended.items())
    ]
    table = Table(["state", "trials", "last trial", "its reason"], rows)
    return Section("failures", "Failures", table=table) if rows else None


def trials(data: dict[str, Any]) -> Section | None:
    rows = [
        [
            str(row["trial"]),
            row["label"],
            row["origin"],
            f"pruned at {row['scale']}" if row["state"] == "pruned" else row["state"],
            "-" if row["final"] is None else number(row["final"]),
            "-" if row["score"] is None else str(row["steps_to_target"] or "missed"),
            f"{row['duration_s']:.1f}",
            row["reason"] or "-",
        ]
        for row in data["trials"]
    ]
    header = ["trial", "optimizer", "origin", "state", "final", "steps", "seconds", "reason"]
    title = f"All {len(rows)} trials"
    table = Table(header, rows)
    return Section("trials", title, table=table, brief=False, folded=True) if rows else None
