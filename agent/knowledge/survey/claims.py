"""The results that a source claims: numbers that can be compared, and lines of a README."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.knowledge.survey.lines import line_around, without_tables
from tracks.base import Track
from tracks.registry import all_tracks

STATED = r"\bfinal_eval_(%s)[`* \t]*[=:|][`* \t]*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
SIGNS = {"mse": 1.0, "accuracy": -1.0}
"""Of the metrics that a result of an unknown track may have: 1 where lower is better, else -1."""
BOASTS = (
    re.compile(r"\b(?:mse|accuracy|loss)\b.{0,60}\d", re.I),
    re.compile(r"\b(?:faster|fewer|lower|better|improve\w{0,6}|reduc\w{1,6})\b.{0,60}\d", re.I),
    re.compile(
        r"\d ?(?:%|x|\u00d7|times).{0,40}\b(?:faster|fewer|lower|better|improve|reduc)", re.I
    ),
    re.compile(r"\b(?:in|at|after|takes?)\s[*_]{0,2}\d[\d,]*\ssteps\b", re.I),
)
"""Kinds of claims with a number, the most specific first."""


@dataclass(frozen=True)
class Claim:
    """A claimed result on `contest`: track, metric and scale; a lower `rank` is better.

    On a track with objective steps, a target reached ranks by its step, before any missed.
    """

    contest: tuple[str, str, str]
    rank: tuple[int, float]
    said: str


def of_results(results: Mapping[str, Any]) -> Iterator[Claim]:
    """Of result files in the harness's fields, by track; entries without a number claim nothing."""
    for name, result in results.items():
        if not isinstance(result, dict):
            continue
        steps = _number(result.get("steps_to_target"))
        if steps is None and result.get("status") == "pass":
            steps = _number(result.get("steps"))
        track = all_tracks().get(name)
        by_steps = track is not None and track.objective == "steps"
        reached = "" if steps is None else f", target after {steps:g} steps"
        for metric, sign in _signs(track).items():
            value = _number(result.get(f"final_eval_{metric}"))
            if value is not None:
                yield Claim(
                    (str(name), metric, str(result.get("scale", "full"))),
                    (1, sign * value) if steps is None or not by_steps else (0, steps),
                    f"{name}: {metric} {value:g}{reached}",
                )


def of_readme(text: str) -> Iterator[Claim]:
    """From the harness's output, on the one track that the README names or that has the metric."""
    metrics = {*SIGNS, *(track.metric.name for track in all_tracks().values())}
    # the longest first, of which another one may be the beginning
    names = "|".join(map(re.escape, sorted(metrics, key=len, reverse=True)))
    stated = re.search(STATED % names, text)
    if stated:
        metric, value = stated.groups()
        fitting = [name for name, track in all_tracks().items() if track.metric.name == metric]
        named = [name for name in fitting if name in text] or fitting
        if len(named) == 1:
            yield from of_results({named[0]: {f"final_eval_{metric}": float(value)}})


def best(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """One claim for each contest."""
    found: dict[tuple[str, str, str], Claim] = {}
    for claim in sorted(claims, key=lambda claim: claim.rank):
        found.setdefault(claim.contest, claim)
    return tuple(found[contest] for contest in sorted(found))


def boast(text: str) -> str:
    """The first line of a README that claims a number, empty without one."""
    read = without_tables(text)
    found = next((match for kind in BOASTS if (match := kind.search(read))), None)
    return line_around(text, *found.span()) if found else ""


def _signs(track: Track | None) -> dict[str, float]:
    """By metric, the track's own among them."""
    if track is None:
        return SIGNS
    return SIGNS | {track.metric.name: -1.0 if track.metric.higher_is_better else 1.0}


def _number(value: Any) -> float | None:
    """A finite number that a result file may hold, as a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e300:
        return None
    return None if math.isnan(value) else float(value)
