"""A published winner as a contribution to another contest: its files, in that contest's form."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from agent.report.repeat import eval_command, evaluation_commands
from agent.report.tables import number, table
from agent.verdict.comparison import resolution
from agent.verdict.effect import score_text
from agent.verdict.statistics import PairedTest, paired_t_test, z_rule
from tracks.base import Objective
from tracks.device import CPU, kind
from tracks.evaluation import Evaluation
from tracks.registry import get_track
from tracks.result_file import result_record

Form = Literal["caffeine", "track3", "records"]
Z_MARGIN = 3.09
"""Standard deviations for a one-sided p of 0.001, which is what track 3's own constants ask for."""
UPSTREAM_ENDS_WITH = "date_utc"
FOLDER = {
    "caffeine": "submissions/{name}",
    "track3": "records/track_3_optimization/{date}_{name}",
    "records": "records/{date}_{name}",
}


@dataclass(frozen=True)
class Contribution:
    """One submission, its official run, and its and the incumbent's runs by seed.

    `key` is what the held-out instances were drawn from.
    """

    name: str
    source: str
    incumbent: str
    objective: Objective
    official: Evaluation
    seeds: Sequence[tuple[Evaluation, Evaluation]]
    date: str
    key: str

    @cached_property
    def ours(self) -> list[float]:
        """What a test compares: steps, or log10 of the loss."""
        return [evaluation.comparable(self.objective) for evaluation, _ in self.seeds]

    @cached_property
    def theirs(self) -> list[float]:
        return [evaluation.comparable(self.objective) for _, evaluation in self.seeds]

    @property
    def threshold(self) -> float:
        """The incumbent's mean."""
        return statistics.fmean(self.theirs)

    @property
    def grid(self) -> float:
        return resolution([e for pair in self.seeds for e in pair], self.objective)

    def one_sample(self) -> PairedTest:
        """Against the threshold; rounding is that of one value, not of a difference."""
        differences = [self.threshold - value for value in self.ours]
        return paired_t_test(differences, resolution=self.grid / math.sqrt(2))

    def shown(self, value: float) -> str:
        return score_text(value, self.objective, self.official.max_steps)


def contribution_files(form: Form, given: Contribution) -> dict[str, str]:
    """Text by path, relative to the root of the contest's repository."""
    files = {"submission.py": given.source, "README.md": _readme(form, given)}
    for index, (ours, _) in enumerate(given.seeds):
        files[f"logs/seed_{index}.txt"] = _log(given, index, ours)
    if form == "caffeine":
        files["results/official.json"] = _json(_upstream(given, given.official))
        for index, (ours, _) in enumerate(given.seeds):
            files[f"results/seed_{index}.json"] = _json(_upstream(given, ours))
    if form == "records":
        files["submission.json"] = _json(_record(given))
    folder = FOLDER[form].format(name=given.name, date=given.date)
    return {f"{folder}/{path}": text for path, text in files.items()}


def _statistic(form: Form, given: Contribution) -> str:
    """The contest's rule, applied to the values of this track."""
    test = given.one_sample()
    student = f"t = {test.t:.2f}, {test.degrees} degrees of freedom"
    if form == "track3":
        sigma = max(statistics.stdev(given.ours), given.grid / math.sqrt(12), 1e-12)
        rule = z_rule(given.ours, given.threshold, sigma, Z_MARGIN * sigma)
        return (
            f"(threshold - mean) sqrt(n) = {number(rule.statistic)} with the incumbent's mean "
            f"{number(given.threshold)} as threshold; {Z_MARGIN} sigma are {number(rule.margin)} "
            f"(sigma = {number(sigma)}, measured over these seeds): "
            f"{'holds' if rule.holds else 'does not hold'}. With sigma measured on so few seeds "
            f"its p means little; Student's is {test.p:.2g} ({student})."
        )
    if form == "records":
        return (
            f"One-sample t-test against the incumbent's mean {number(given.threshold)}: mean "
            f"{number(statistics.fmean(given.ours))}, std {number(test.std)}, {student}, "
            f"p = {test.p:.2g}."
        )
    pairs = zip(given.ours, given.theirs, strict=True)
    test = paired_t_test([theirs - ours for ours, theirs in pairs], resolution=given.grid)
    return (
        f"Better by {number(test.mean)} on average (95% interval {number(test.interval[0])} to "
        f"{number(test.interval[1])}), paired t = {test.t:.2f}, p = {test.p:.2g}."
    )


def _readme(form: Form, given: Contribution) -> str:
    official = given.official
    track, instance = get_track(official.instance.track), official.instance
    drawn_from = [pair[0].instance.drawn_from or "" for pair in given.seeds]
    every = official.procedure.eval_every
    commands = evaluation_commands(
        eval_command(track.name, "submission.py", every, instance.scale),
        drawn_from,
        device=kind(given.seeds[0][0].environment.get("device", CPU)),
        official_device=kind(official.environment.get("device", CPU)),
    )
    steps = given.objective == "steps"
    own_script = (
        f"The numbers below are of {track.name}. This contest's own training script has not been "
        "run here: do that before you hand this in, and put its numbers in their place."
    )
    sections = [
        f"# {given.name}",
        f"An optimizer found and confirmed by autoresearch on the track {track.name} "
        f"({track.summary}). All of its code is in `submission.py`.",
        *([] if form == "caffeine" else [own_script]),
        f"Official instance: {given.shown(official.score(given.objective))} "
        f"({'steps to the target' if steps else 'final loss'}).",
        f"## By seed ({'steps to the target' if steps else 'log10 of the loss'}, lower is better)",
        _table(given, drawn_from),
        _statistic(form, given),
        "The seeds were drawn after both files were frozen, from their hashes and the key "
        f"`{given.key}`; none was left out. One forward-backward a step, no stopping on the metric "
        "of a run that is published.",
        "## Repeat",
        "```\n" + "\n".join(commands) + "\n```",
    ]
    return "\n\n".join(sections) + "\n"


def _table(given: Contribution, drawn_from: Sequence[str]) -> str:
    """By seed, with means and standard deviations; says where these are censored."""
    both = (given.ours, given.theirs)
    rows = [
        [str(index), text, *(given.shown(values[index]) for values in both)]
        for index, text in enumerate(drawn_from)
    ]
    for name, function in (("mean", statistics.fmean), ("std", statistics.stdev)):
        rows.append([name, "", *(number(function(values)) for values in both)])
    shown = table(["seed", "drawn from", given.name, given.incumbent], rows)
    if any("missed" in row for row in rows):
        shown += "\n\nMissed targets are censored: they count as one step more than the run."
    return shown


def _log(given: Contribution, index: int, evaluation: Evaluation) -> str:
    instance = evaluation.instance
    metric = get_track(instance.track).metric.name
    lines = [
        f"{given.name}, seed {index}, {instance.track}, drawn from {instance.drawn_from}",
        *(f"step:{step} {metric}:{value!r}" for step, value in evaluation.curve),
        f"last_train_loss:{evaluation.last_train_loss!r} "
        f"train_time:{evaluation.training_wall_time_s:.3f}s",
        *(f"{key}:{value}" for key, value in evaluation.environment.items()),
    ]
    return "\n".join(lines) + "\n"


def _upstream(given: Contribution, evaluation: Evaluation) -> dict[str, Any]:
    """The fields that the benchmark itself writes, and no others."""
    path = f"submissions/{given.name}/submission.py"
    record = result_record(evaluation, given.name, path, given.objective)
    names = list(record)
    return {name: record[name] for name in names[: names.index(UPSTREAM_ENDS_WITH) + 1]}


def _record(given: Contribution) -> dict[str, Any]:
    test = given.one_sample()
    return {
        "name": given.name,
        "track": given.official.instance.track,
        "date": given.date,
        "seeds": len(given.ours),
        "values": given.ours,
        "mean": statistics.fmean(given.ours),
        "std": test.std,
        "incumbent": given.incumbent,
        "threshold": given.threshold,
        "t": test.t,
        "degrees": test.degrees,
        "p": test.p,
    }


def _json(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"
