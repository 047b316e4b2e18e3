"""A study's report, and the README of a winner, as Markdown."""

from typing import Any

from agent.parts import part_name
from agent.report import details, ideas
from agent.report.tables import number, table
from agent.statistics import excludes_zero


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
        sections += ["## Verdict", verdict_section(data["verdict"]), alpha_line(data)]
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
    sections = []
    if steps := details.lineage(data):
        sections += ["## Where the result came from", " -> ".join(steps)]
    if data["importance"]:
        rows = [[name, f"{share:.0%}"] for name, share in data["importance"].items()]
        about = "PED-ANOVA over the complete trials; correlations of a search, not proof."
        shares = table(["decision", "share"], rows)
        sections += ["## Which decisions mattered in the search", about, shares]
    if spent := details.times(data):
        rows = [[name, details.duration(seconds)] for name, seconds in spent.items()]
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
        f"scale {data['scale']}: {data['finished']} of {data['budget']} trials, "
        f"{data['complete']} complete, pruned: {pruned or 'none'}, failed: {failed or 'none'}; "
        f"{data['duplicates']} duplicates were not run. "
        f"Evaluations took {data['evaluation_s']:.0f} s in all."
    )


def verdict_section(verdict: dict[str, Any]) -> str:
    parts = [f"{verdict['challenger']} against {verdict['incumbent']}: {verdict['reason']}."]
    if verdict["pairs"]:
        rows = [
            [str(index), number(pair["challenger"]), number(pair["incumbent"]), pair["drawn_from"]]
            for index, pair in enumerate(verdict["pairs"])
        ]
        if verdict.get("official"):
            official = verdict["official"]
            scores = [number(official["challenger"]), number(official["incumbent"])]
            rows.insert(0, ["official", *scores, "public seeds"])
        header = ["instance", verdict["challenger"], verdict["incumbent"], "drawn from"]
        parts.append(table(header, rows))
    if verdict["test"]:
        parts.append(test_line(verdict))
    return "\n\n".join(parts)


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


def baseline_section(data: dict[str, Any]) -> str:
    """The winner against known optimizers that were tuned with as many trials."""
    rows = [baseline_cells(row) for row in data["baselines"]]
    if not rows:
        command = f"autoresearch baseline --track {data['track']} --budget {data['budget']}"
        return (
            "None was tuned with as many trials, so this says nothing of tuned AdamW or Muon. "
            f"`{command}`, and then `autoresearch run --resume {data['study']}`, would."
        )
    explanation = (
        "Their parts fixed, their numbers searched by the same sampler; compared on the winner's "
        f"fresh instances in {data['baselines'][0]['unit']}, as many as it takes to tell at 1% for "
        "each by itself."
    )
    return f"{explanation}\n\n{table(BASELINE_HEADER, rows)}"


BASELINE_HEADER = [
    "baseline",
    "trials",
    "on fresh instances",
    "the winner is better by",
    "p",
    "beaten",
]


def baseline_cells(row: dict[str, Any]) -> list[str]:
    scores = ", ".join(number(score) for score in row["scores"])
    test = row["test"]
    if not test:
        return [row["family"], str(row["trials"]), scores, "-", "-", "no"]
    low, high = test["interval"]
    better = f"{test['mean']:.4g} [{low:.4g}, {high:.4g}]"
    beaten = "yes" if row["beaten"] else "no"
    return [row["family"], str(row["trials"]), scores, better, f"{test['p']:.2g}", beaten]


def ablation_section(ablation: dict[str, Any]) -> str:
    explanation = (
        "Each part set to its neutral value, on the same fresh instances as the winner: three, and "
        "more (5, 8) where those left open what the part is worth. Parts that are clearly worth it "
        "on a smaller run have no full ones. Delta is the loss in "
        f"{ablation['unit']}, so a part that helps has a positive one; a part is a barnacle if "
        f"taking it out costs less than {ablation['margin']:.3g}. Intervals are for each part by "
        "itself."
    )
    rows = [ablation_cells(row) for row in ablation["rows"]]
    sections = [explanation, table(ABLATION_HEADER, rows), simplification_line(ablation)]
    if ablation["interactions"]["pairs"]:
        sections += ["### Interactions", interaction_section(ablation)]
    return "\n\n".join(sections)


ABLATION_HEADER = ["part", "set to", "delta", "95% interval", "instances", "scale", "finding"]


def ablation_cells(row: dict[str, Any]) -> list[str]:
    part = f"{row['kind']}: {row['part']}"
    if row["failed"]:
        failed = f"{row['finding']}: {row['failed']}"
        return [part, row["replaced_by"], "-", "-", "-", row["scale"], failed]
    low, high = row["interval"]
    delta, interval = f"{row['delta']:+.4g}", f"[{low:.4g}, {high:.4g}]"
    seeds, scale = str(row["seeds"]), row["scale"]
    return [part, row["replaced_by"], delta, interval, seeds, scale, row["finding"]]


def simplification_line(ablation: dict[str, Any]) -> str:
    """What was taken out of the winner, and whether that was confirmed."""
    simplified = ablation["simplified"]
    if not simplified:
        return "No part could be taken out."
    names = ", ".join(part_name(ablation["rows"][index]) for index in simplified["parts"])
    low, high = simplified["interval"]
    line = (
        f"Taken out: {names}. Without them the result changes by {simplified['delta']:+.4g} "
        f"{ablation['unit']} (95% interval [{low:.4g}, {high:.4g}])."
    )
    verdict = simplified["verdict"]
    if verdict["accepted"]:
        return f"{line} The simpler optimizer was confirmed anew, and is what is published."
    return (
        f"{line} The simpler optimizer was refused, and the whole one stays: {verdict['reason']}."
    )


def interaction_section(ablation: dict[str, Any]) -> str:
    """Pairs whose interval excludes zero, the largest first."""
    pairs = ablation["interactions"]
    clear = [p for p in pairs["pairs"] if p["interval"] and excludes_zero(p["interval"])]
    clear.sort(key=lambda pair: -abs(pair["interaction"]))
    explanation = (
        f"{len(pairs['pairs'])} pairs of parts taken out together, at scale {pairs['scale']} on "
        f"{pairs['seeds']} fresh instances. Above zero, one stands in for the other; below, "
        f"neither does much alone. {len(clear)} of the 95% intervals exclude zero"
    )
    if not clear:
        return f"{explanation}."
    rows = [
        [
            part_name(ablation["rows"][pair["first"]]),
            part_name(ablation["rows"][pair["second"]]),
            f"{pair['interaction']:+.4g}",
            f"[{pair['interval'][0]:.4g}, {pair['interval'][1]:.4g}]",
        ]
        for pair in clear[:PAIRS_SHOWN]
    ]
    header = ["part", "and", f"interaction ({pairs['unit']})", "95% interval"]
    return f"{explanation}:\n\n" + table(header, rows)


PAIRS_SHOWN = 10


def likeness_line(closest: dict[str, Any]) -> str:
    """Which known optimizer the winner is most like, by its updates on fixed gradients."""
    return (
        f"By its updates on fixed gradients it {closest['verdict']} {closest['name']} "
        f"(they differ by {closest['distance']:.2g} of their length, by "
        f"{closest['rescaled']:.2g} apart from it)."
    )


def publication_line(publication: dict[str, Any]) -> str:
    where = f"Files in `{publication['files']}`."
    if publication["commit"]:
        where += f" Committed as {publication['commit'][:12]} on branch `{publication['branch']}`."
    return f"{where} {publication['note']}".strip()


def sentence(text: str) -> str:
    """With a capital and a full stop; names in it stay as they are."""
    return f"{text[:1].upper()}{text[1:]}."
