"""The README that is published with a winner."""

import ast
from collections.abc import Mapping
from typing import Any

from agent.publish.evidence import Evidence
from agent.report.markdown import body
from agent.report.repeat import eval_command, evaluation_commands, transfer_command
from agent.report.sections.ablation import ablation_section
from agent.report.sections.transfer import transfer_section
from agent.report.sections.verdict import verdict_section
from tracks.base import track_option
from tracks.device import kind
from tracks.printable import fenced
from tracks.result_file import measured_metric


def winner_readme(name: str, evidence: Evidence, source: str) -> str:
    """README of a published submission: what it is, result, ablation, seeds, how to reproduce."""
    study, verdict, official = evidence.study, evidence.verdict, evidence.official
    metric = measured_metric(official)
    assert metric, "a winner has an official result"
    track = official["track"]
    given = track_option(track, study.get("track_file"))
    file, every = f"submissions/{name}/submission.py", official["eval_every"]
    commands = evaluation_commands(
        eval_command(given, file, every, official["scale"]),
        [pair.drawn_from for pair in verdict.pairs],
        device=study["device"],
        official_device=kind(official["device"]),
    )
    sections = [
        f"# {name}",
        *([verdict.novelty.sentence] if verdict.novelty else []),
        f"An optimizer for the {track} track, found by autoresearch "
        f"(study {study['name']}, trial {evidence.trial}, origin {_origin(evidence)}).",
        *_mechanism(source),
        *_expectation(evidence.hypothesis),
        "## Result",
        f"Official instance, scale {official['scale']}, device {official['device']}: "
        f"{_measured(official, metric)}.",
        body(verdict_section(verdict, f"submissions/{name}/evidence.json")),
        "## Ablation",
        body(ablation_section(evidence.ablation))
        if evidence.ablation
        else "None: the submission came as code without declared parts, or it was skipped.",
        *_other_tasks(name, evidence),
        "## Reproduce",
        "```\n" + "\n".join(commands) + "\n```",
        f"Measured with torch {official['torch']} on {official['platform']} "
        f"({official['cpu_capability']}); other processors may differ in the last bits. "
        "`evidence.json` has every number behind this page.",
    ]
    return "\n\n".join(sections) + "\n"


def _other_tasks(name: str, evidence: Evidence) -> list[str]:
    """How it does on workloads, where it was tried."""
    found = evidence.transfer
    if found is None:
        return []
    again = transfer_command(f"submissions/{name}/submission.py", found)
    return ["## Other tasks", body(transfer_section(name, found)), f"Repeat it: `{again}`"]


def _measured(official: Mapping[str, Any], metric: str) -> str:
    """The final metric, and when the target was met, where there is one."""
    steps, last = official["steps_to_target"], official["max_steps"]
    final = f"final {metric} {official[f'final_eval_{metric}']:.6g}"
    if official[f"target_{metric}"] is None:
        return final
    return f"{final}, target at step {steps}" if steps else f"{final}, target missed in {last}"


def _origin(evidence: Evidence) -> str:
    return f"{evidence.origin}: {evidence.model}" if evidence.model else evidence.origin


def _mechanism(source: str) -> list[str]:
    """What the code's author says it does."""
    text = ast.get_docstring(ast.parse(source))
    return ["## What it does", fenced(text)] if text else []


def _expectation(hypothesis: Mapping[str, Any] | None) -> list[str]:
    """What its author expected before it was measured, as the data that it is."""
    if not hypothesis:
        return []
    text = hypothesis["text"].replace("`", "'")
    return [f"Expected before it was measured (bucket {hypothesis['bucket']}): `{text}`"]
