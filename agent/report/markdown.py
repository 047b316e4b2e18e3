"""A study's report, and the README of a winner, as Markdown."""

from typing import Any

from agent.proposers.llm.spending import spending_line
from agent.report import details, ideas
from agent.report.ablation import ablation_section
from agent.report.figures import duration
from agent.report.sources import (
    EXPECTED_HEADER,
    SOURCE_HEADER,
    SOURCE_NOTE,
    STACKED_HEADER,
    expected,
    expected_cells,
    source_cells,
    stacked_cells,
)
from agent.report.tables import number, table
from agent.report.verdict import (
    alpha_line,
    baseline_section,
    sandbox_note,
    verdict_record,
    verdict_section,
)


def study_report(data: dict[str, Any]) -> str:
    """The whole report of a study, from `report_data`."""
    sections = [f"# Study {data['study']}", headline(data), "## Search", search_summary(data)]
    if data["best"]:
        rows = [trial_cells(row) for row in data["best"]]
        sections += ["### Best trials (official instance)", table(TRIAL_HEADER, rows)]
    if data["failures"]:
        rows = [[str(r["trial"]), r["label"], r["state"], r["reason"]] for r in data["failures"]]
        header = ["trial", "optimizer", "state", "reason"]
        sections += ["### Last failures", table(header, rows)]
    if data["verdict"]:
        sections += [
            "## Verdict",
            verdict_section(data["verdict"], verdict_record(data)),
            alpha_line(data),
        ]
    if data["verdict"] and data["verdict"]["accepted"]:
        sections += ["## Against tuned baselines", baseline_section(data)]
    if data["ablation"]:
        sections += ["## Ablation", ablation_section(data["ablation"])]
    if data["publication"]:
        sections += ["## Publication", publication_line(data["publication"])]
    if data["closest"]:
        sections.append(likeness_line(data["closest"]))
    sections += history_sections(data)
    if data["ideas"]["trials"]:
        sections.append(ideas.markdown(data["ideas"], 2).rstrip())
    return "\n\n".join(sections) + "\n"


def history_sections(data: dict[str, Any]) -> list[str]:
    """How the study came to its result: lineage, importance, times, every trial, how to repeat."""
    sections = ["## Who found what", source_section(data)] if data["sources"] else []
    if stated := expected(data):
        rows = [expected_cells(row) for row in stated]
        sections += ["## What was expected, and what came", table(EXPECTED_HEADER, rows)]
    if data["stacked"]:
        rows = [stacked_cells(row) for row in data["stacked"]]
        sections += ["## What stacked", table(STACKED_HEADER, rows)]
    if steps := details.lineage(data):
        sections += ["## Where the result came from", " -> ".join(steps)]
    if data["importance"]:
        rows = [[name, f"{share:.0%}"] for name, share in data["importance"].items()]
        about = "PED-ANOVA over the complete trials; correlations of a search, not proof."
        shares = table(["decision", "share"], rows)
        sections += ["## Which decisions mattered in the search", about, shares]
    if spent := details.times(data):
        rows = [[name, duration(seconds)] for name, seconds in spent.items()]
        sections += ["## Where the time went", table(["what", "time"], rows)]
    if data["trials"]:
        header = ["trial", "optimizer", "origin", "state", "final", "steps", "seconds", "reason"]
        rows = [
            [
                str(row["trial"]),
                row["label"],
                row["origin"],
                f"{row['state']} at {row['scale']}" if row["state"] == "pruned" else row["state"],
                "" if row["final"] is None else number(row["final"]),
                "" if row["score"] is None else str(row["steps_to_target"] or "missed"),
                f"{row['duration_s']:.1f}",
                row["reason"],
            ]
            for row in data["trials"]
        ]
        sections += ["## All trials", table(header, rows)]
    commands = "\n".join(data["commands"])
    made = ", ".join(f"{name} {value}" for name, value in data["environment"].items())
    return [*sections, "## Repeat", f"```\n{commands}\n```", f"Reported with {made}."]


def source_section(data: dict[str, Any]) -> str:
    """The sources of proposals, and what the model among them cost."""
    shares = table(SOURCE_HEADER, [source_cells(row) for row in data["sources"]])
    cost = [spending_line(data["spending"])] if data["spending"] else []
    return "\n\n".join([SOURCE_NOTE, shares, *cost])


TRIAL_HEADER = ["trial", "optimizer", "origin", "final", "steps to target"]


def trial_cells(row: dict[str, Any]) -> list[str]:
    steps = str(row["steps_to_target"]) if row["steps_to_target"] else "missed"
    return [str(row["trial"]), row["label"], row["origin"], f"{row['final']:.6g}", steps]


def headline(data: dict[str, Any]) -> str:
    """One or two sentences: what came of the study."""
    verdict = data["verdict"]
    if not verdict:
        done = f"{data['finished']} of {data['budget']} trials finished"
        if data["tuned"] and data["best"]:
            best = data["best"][0]
            return (
                f"{data['tuned']} tuned as a baseline; {done}, the best is trial {best['trial']}."
            )
        if data["stage"] == "done":
            return f"No winner: no trial of {data['finished']} completed."
        resume = f"autoresearch run --resume {data['study']}"
        return f"Not finished ({data['stage']}): {done}. Go on with `{resume}`."
    word = "Accepted" if verdict["accepted"] else "Refused"
    line = f"**{word}**: {verdict['challenger']}: {verdict['reason']}."
    if note := sandbox_note(verdict):
        line += f" {note}"
    for earlier in data["earlier"]:
        line += f" Accepted before: {earlier['challenger']}: {earlier['reason']}."
    if data["stage"] != "done":
        line += f" The search goes on: `autoresearch run --resume {data['study']}`."
    return line


def search_summary(data: dict[str, Any]) -> str:
    failed = ", ".join(f"{count} {state}" for state, count in sorted(data["failed"].items()))
    pruned = ", ".join(f"{count} at {scale}" for scale, count in data["pruned"].items())
    return (
        f"Track {data['track']}, objective {data['objective']}, seed {data['seed']}, "
        f"scale {data['scale']}, device {data['device']}, sandbox {data['sandbox'] or 'none'}: "
        f"{data['finished']} of {data['budget']} trials, "
        f"{data['complete']} complete, pruned: {pruned or 'none'}, failed: {failed or 'none'}; "
        f"{data['duplicates']} duplicates were not run. "
        f"Evaluations took {data['evaluation_s']:.0f} s in all."
    )


def likeness_line(closest: dict[str, Any]) -> str:
    """Which known optimizer the winner is most like, by its updates on fixed gradients."""
    return (
        f"By its updates on fixed gradients it {closest['verdict']} {closest['name']} "
        f"(they differ by {closest['distance']:.2g} of their length, by "
        f"{closest['rescaled']:.2g} apart from it; 0 is the same, 1.4 unrelated)."
    )


def publication_line(publication: dict[str, Any]) -> str:
    where = f"Files in `{publication['files']}`."
    if publication["commit"]:
        where += f" Committed as {publication['commit'][:12]} on branch `{publication['branch']}`."
    return f"{where} {publication['note']}".strip()


def sentence(text: str) -> str:
    """With a capital and a full stop; names in it stay as they are."""
    return f"{text[:1].upper()}{text[1:]}."
