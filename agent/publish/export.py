"""A published winner as a contribution to another contest: its files, in that contest's form."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from agent.report.repeat import evaluation_commands
from agent.report.tables import number, table
from agent.verdict.comparison import resolution
from agent.verdict.statistics import PairedTest, ZRule, paired_t_test, z_rule
from tracks.base import Objective
from tracks.device import CPU, kind
from tracks.evaluation import Evaluation
from tracks.registry import get_track
from tracks.result_file import result_record

Form = Literal["caffeine", "track3", "records"]
FORMS: tuple[Form, ...] = get_args(Form)
Z_MARGIN = 3.09
"""Standard deviations for a one-sided p of 0.001, which is what track 3's own constants ask for."""
UPSTREAM_ENDS_WITH = "date_utc"


@dataclass(frozen=True)
class Contribution:
    """What is handed in: one submission, its official run, and its runs by fresh seed."""

    name: str
    source: str
    incumbent: str
    objective: Objective
    official: Evaluation
    seeds: Sequence[tuple[Evaluation, Evaluation]]
    """Ours and the incumbent's on each confirmation instance."""
    date: str
    key: str | None
    """What the instances were drawn from; None where that was not yet published."""


def contribution_files(form: Form, given: Contribution) -> dict[str, str]:
    """Text by path, relative to the root of the contest's repository."""
    folder = {
        "caffeine": f"submissions/{given.name}",
        "track3": f"records/track_3_optimization/{given.date}_{given.name}",
        "records": f"records/{given.date}_{given.name}",
    }[form]
    files = {"submission.py": given.source, "README.md": _readme(form, given)}
    for index, (ours, _) in enumerate(given.seeds):
        files[f"logs/seed_{index}.txt"] = _log(given, index, ours)
    if form == "caffeine":
        files["results/official.json"] = _json(_upstream(given, given.official))
        for index, (ours, _) in enumerate(given.seeds):
            files[f"results/seed_{index}.json"] = _json(_upstream(given, ours))
    if form == "records":
        files["submission.json"] = _json(_record(given))
    return {f"{folder}/{path}": text for path, text in files.items()}


def _values(given: Contribution) -> tuple[list[float], list[float]]:
    ours = [evaluation.comparable(given.objective) for evaluation, _ in given.seeds]
    theirs = [evaluation.comparable(given.objective) for _, evaluation in given.seeds]
    return ours, theirs


def _statistic(form: Form, given: Contribution) -> str:
    """The contest's rule, applied to the values of this track."""
    ours, theirs = _values(given)
    threshold, grid = statistics.fmean(theirs), _grid(given)
    if form == "track3":
        rule, test = _track3(ours, threshold, grid), _one_sample(given)
        return (
            f"(threshold - mean) sqrt(n) = {number(rule.statistic)} with the incumbent's mean "
            f"{number(threshold)} as threshold; {Z_MARGIN} sigma are {number(rule.margin)} "
            f"(sigma = {number(rule.margin / Z_MARGIN)}, measured over these seeds): "
            f"{'holds' if rule.holds else 'does not hold'}. With sigma measured on so few seeds "
            f"its p means little; Student's is {test.p:.2g} (t = {test.t:.2f}, {test.degrees} "
            "degrees of freedom)."
        )
    if form == "records":
        test = _one_sample(given)
        return (
            f"One-sample t-test against the incumbent's mean {number(threshold)}: mean "
            f"{number(statistics.fmean(ours))}, std {number(test.std)}, t = {test.t:.2f}, "
            f"{test.degrees} degrees of freedom, p = {test.p:.2g}."
        )
    test = paired_t_test([b - a for a, b in zip(ours, theirs, strict=True)], resolution=grid)
    return (
        f"Better by {number(test.mean)} on average (95% interval {number(test.interval[0])} to "
        f"{number(test.interval[1])}), paired t = {test.t:.2f}, p = {test.p:.2g}."
    )


def _grid(given: Contribution) -> float:
    return resolution([e for pair in given.seeds for e in pair], given.objective)


def _one_sample(given: Contribution) -> PairedTest:
    """Against the incumbent's mean; rounding is that of one value, not of a difference."""
    ours, theirs = _values(given)
    threshold, grid = statistics.fmean(theirs), _grid(given) / math.sqrt(2)
    return paired_t_test([threshold - value for value in ours], resolution=grid)


def _track3(ours: Sequence[float], threshold: float, grid: float) -> ZRule:
    sigma = max(statistics.stdev(ours), grid / math.sqrt(12), 1e-12)
    return z_rule(ours, threshold, sigma, Z_MARGIN * sigma)


def _readme(form: Form, given: Contribution) -> str:
    track = get_track(given.official.instance.track)
    ours, theirs = _values(given)
    unit = "steps to the target" if given.objective == "steps" else "log10 of the loss"
    rows = [
        [str(index), pair[0].instance.drawn_from or "", number(a), number(b)]
        for index, (pair, a, b) in enumerate(zip(given.seeds, ours, theirs, strict=True))
    ]
    rows.append(["mean", "", number(statistics.fmean(ours)), number(statistics.fmean(theirs))])
    rows.append(["std", "", number(statistics.stdev(ours)), number(statistics.stdev(theirs))])
    score = given.official.score(given.objective)
    instance = given.official.instance
    commands = evaluation_commands(
        track.name,
        "submission.py",
        given.official.procedure.eval_every,
        instance.scale,
        [pair[0].instance.drawn_from or "" for pair in given.seeds],
        device=kind(given.seeds[0][0].environment.get("device", CPU)),
        official_device=kind(given.official.environment.get("device", CPU)),
    )
    sections = [
        f"# {given.name}",
        f"An optimizer found and confirmed by autoresearch on the track {track.name} "
        f"({track.summary}). All of its code is in `submission.py`.",
        f"Official instance: {number(score)} "
        f"({'steps to the target' if given.objective == 'steps' else 'final loss'}).",
        f"## By seed ({unit}, lower is better)",
        table(["seed", "drawn from", given.name, given.incumbent], rows),
        _statistic(form, given),
        f"The seeds were drawn after both files were frozen, from their hashes and {_key(given)}; "
        "none was left out. One forward-backward a step, no stopping on the metric of a run that "
        "is published.",
        "## Repeat",
        "```\n" + "\n".join(commands) + "\n```",
    ]
    if form != "caffeine":
        sections.insert(
            2,
            f"The numbers below are of {track.name}. This contest's own training script has not "
            "been run here: do that before you hand this in, and put its numbers in their place.",
        )
    return "\n\n".join(sections) + "\n"


def _key(given: Contribution) -> str:
    return f"the key `{given.key}`" if given.key else "a secret"


def _log(given: Contribution, index: int, evaluation: Evaluation) -> str:
    lines = [
        f"{given.name}, seed {index}, {evaluation.instance.track}, "
        f"drawn from {evaluation.instance.drawn_from}",
        *(f"step:{step} {_metric(evaluation)}:{value!r}" for step, value in evaluation.curve),
        f"last_train_loss:{evaluation.last_train_loss!r} "
        f"train_time:{evaluation.training_wall_time_s:.3f}s",
        *(f"{key}:{value}" for key, value in evaluation.environment.items()),
    ]
    return "\n".join(lines) + "\n"


def _metric(evaluation: Evaluation) -> str:
    return get_track(evaluation.instance.track).metric.name


def _upstream(given: Contribution, evaluation: Evaluation) -> dict[str, Any]:
    """The fields that the benchmark itself writes, and no others."""
    path = f"submissions/{given.name}/submission.py"
    record = result_record(evaluation, given.name, path, given.objective)
    names = list(record)
    return {name: record[name] for name in names[: names.index(UPSTREAM_ENDS_WITH) + 1]}


def _record(given: Contribution) -> dict[str, Any]:
    ours, theirs = _values(given)
    test = _one_sample(given)
    return {
        "name": given.name,
        "track": given.official.instance.track,
        "date": given.date,
        "seeds": len(ours),
        "values": ours,
        "mean": statistics.fmean(ours),
        "std": test.std,
        "incumbent": given.incumbent,
        "threshold": statistics.fmean(theirs),
        "t": test.t,
        "degrees": test.degrees,
        "p": test.p,
    }


def _json(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
