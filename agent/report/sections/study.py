"""The whole report of a study: its first words, its key figures, and all sections in order."""

from collections.abc import Sequence
from typing import Any

from agent.report.section import Document, Section
from agent.report.sections import effort, ideas, search
from agent.report.sections.ablation import ablation_section
from agent.report.sections.verdict import baseline_section, verdict_section
from agent.report.tables import duration, number
from agent.report.verdict import alpha_line, sandbox_note, verdict_record
from agent.verdict.ablation_record import Ablation
from agent.verdict.verdict import Verdict
from tracks.registry import get_track


def study_document(data: dict[str, Any]) -> Document:
    """All that `report_data` has, as sections."""
    verdict = Verdict.from_json(data["verdict"]) if data["verdict"] else None
    ablation = Ablation.from_json(data["ablation"]) if data["ablation"] else None
    sections: list[Section | None] = [
        search.progress(data),
        verdict_section(verdict, verdict_record(data), alpha_line(data)) if verdict else None,
        baseline_section(data),
        ablation_section(ablation) if ablation else None,
        search.curves(data),
        search.sources(data),
        search.lineage(data),
        search.importance(data),
        ideas.ideas_section(data["ideas"]),
        search.failures(data),
        search.trials(data),
        effort.repeat(data),
        effort.costs(data),
    ]
    return Document(
        f"Study {data['study']}",
        standing(data),
        lead(data),
        figures(data),
        [section for section in sections if section],
    )


def standing(data: dict[str, Any]) -> str:
    if not data["verdict"]:
        return "open"
    return "accepted" if data["verdict"]["accepted"] else "refused"


def lead(data: dict[str, Any]) -> list[str]:
    """What came of the study, and what was asked."""
    track = get_track(data["track"])
    aim = (
        f"the fewest training steps until the {data['metric']} reaches {data['target']:g}"
        if data["objective"] == "steps"
        else f"the best {data['metric']} after the last training step"
    )
    return [
        headline(data),
        f"The study searched for an optimizer for the track {data['track']}: {track.summary}. "
        f"Its objective is {aim}. Each trial trains the track's model once with another "
        "optimizer; the best one is then compared with the incumbent on held-out instances, "
        "which are drawn after both files are frozen.",
    ]


def headline(data: dict[str, Any]) -> str:
    """One or two sentences: what came of the study."""
    verdict = data["verdict"]
    if not verdict:
        done = f"{data['finished']} of {data['budget']} trials finished"
        if data["tuned"] and data["best"]:
            best = data["best"][0]["trial"]
            return f"{data['tuned']} tuned as a baseline; {done}, the best is trial {best}."
        if data["stage"] == "done":
            return f"No winner: no trial of {data['finished']} completed."
        return f"Not finished ({data['stage']}): {done}. {_resume(data)}"
    record = Verdict.from_json(verdict)
    word = "Accepted" if record.accepted else "Refused"
    sentences = [
        record.novelty.sentence if record.novelty else "",
        f"{word}: {record.challenger}: {record.reason}.",
        sandbox_note(record),
    ]
    sentences += [
        f"Accepted before: {earlier['challenger']}: {earlier['reason']}."
        for earlier in data["earlier"]
    ]
    if data["stage"] != "done":
        sentences.append(f"The study is not finished. {_resume(data)}")
    return " ".join(filter(None, sentences))


def _resume(data: dict[str, Any]) -> str:
    return f"Resume with `autoresearch run --resume {data['study']}`."


def figures(data: dict[str, Any]) -> Sequence[tuple[str, str]]:
    """The numbers to read first, each with its meaning."""
    verdict, found = data["verdict"], []
    if verdict and verdict["test"]:
        test, count = verdict["test"], len(verdict["pairs"])
        found += [
            (f"{test['mean']:+.3g} {verdict['unit']}", f"better than {verdict['incumbent']}"),
            (f"p = {test['p']:.2g}", f"paired test on {count} held-out instances"),
        ]
    if data["best"]:
        found.append(_official_result(data))
    spent = sum(data["stages_s"].values()) or data["evaluation_s"]
    found.append((duration(spent), f"{data['finished']} of {data['budget']} trials"))
    return found


def _official_result(data: dict[str, Any]) -> tuple[str, str]:
    best, verdict, steps = data["best"][0], data["verdict"], data["objective"] == "steps"
    name = "steps to the target" if steps else f"final {data['metric']}"
    value = best["steps_to_target"] if steps else best["final"]
    if verdict and verdict["accepted"]:
        value = verdict["official"]["challenger"]
        if not steps and data["metric"] == "accuracy":
            value = 1 - value
    shown = "missed" if value is None else number(value)
    return shown, f"{name}, official instance"
