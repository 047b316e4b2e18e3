"""Pieces of a contribution that several forms share: the runs here by instance, and their logs."""

import json
import statistics
from collections.abc import Sequence

from agent.publish.contests.contribution import Contribution
from agent.report.repeat import eval_command, evaluation_commands
from agent.report.tables import number, table
from tracks.device import CPU, kind
from tracks.evaluation import Evaluation
from tracks.registry import get_track

RULE = "=" * 100


def introduction(given: Contribution) -> list[str]:
    """Title, what was found and where."""
    return [
        f"# {given.name}",
        f"An optimizer found and confirmed by autoresearch on the track {given.track.name} "
        f"({given.track.summary}).",
    ]


def measured_here(given: Contribution, test: str, before: Sequence[str] = ()) -> list[str]:
    """The runs on the track: official instance, table by instance, a test, and how to repeat.

    `before` are the commands that write the submission's file, where the folder has none.
    """
    track, steps = given.track.name, given.objective == "steps"
    what = "steps to the target" if steps else "final loss"
    metric = given.track.metric
    unit = metric.unit if metric.log else metric.signed_loss_name
    unit = "steps" if steps else unit
    official = given.shown(given.official.score(given.objective))
    return [
        f"## On {track}, by seed ({unit}, lower is better)",
        f"Official instance: {official} ({what}).",
        _table(given),
        test,
        "The seeds were drawn after both files were frozen, from their hashes and the key "
        f"`{given.key}`; none was left out. One forward-backward a step, no stopping on the metric "
        "of a run that is published.",
        f"Repeat the runs on {track}:",
        "```\n" + "\n".join([*before, *_commands(given, bool(before))]) + "\n```",
    ]


def _commands(given: Contribution, imported: bool) -> list[str]:
    official = given.official
    file = f"submissions/{given.name}/submission.py" if imported else "submission.py"
    every, scale = official.procedure.eval_every, official.instance.scale
    first = given.seeds[0][0]
    return evaluation_commands(
        eval_command(given.track_option, file, every, scale),
        [ours.instance.drawn_from or "" for ours, _ in given.seeds],
        device=kind(first.environment.get("device", CPU)),
        official_device=kind(official.environment.get("device", CPU)),
        trainer=first.procedure.trainer,
    )


def paired_sentence(given: Contribution) -> str:
    test = given.paired()
    return (
        f"Better than {given.incumbent} by {number(test.mean)} on average (95% interval "
        f"{number(test.interval[0])} to {number(test.interval[1])}), paired t = {test.t:.2f}, "
        f"{test.degrees} degrees of freedom, p = {test.p:.2g}."
    )


def _table(given: Contribution) -> str:
    """By seed, with means and standard deviations; says where these are censored."""
    both = (given.ours, given.theirs)
    rows = [
        [str(index), ours.instance.drawn_from or "", *(given.shown(v[index]) for v in both)]
        for index, (ours, _) in enumerate(given.seeds)
    ]
    for name, function in (("mean", statistics.fmean), ("std", statistics.stdev)):
        rows.append([name, "", *(number(function(values)) for values in both)])
    shown = table(["seed", "drawn from", given.name, given.incumbent], rows)
    if any("missed" in row for row in rows):
        shown += "\n\nMissed targets are censored: they count as one step more than the run."
    return shown


def track_logs(given: Contribution, folder: str) -> dict[str, str]:
    """A log for each held-out run here: all of the code, a line of =, the machine, the metric."""
    return {
        f"{folder}/seed_{index}.txt": _log(given, index, ours)
        for index, (ours, _) in enumerate(given.seeds)
    }


def _log(given: Contribution, index: int, evaluation: Evaluation) -> str:
    instance = evaluation.instance
    metric = get_track(instance.track).metric.name
    lines = [
        given.submission.source.rstrip("\n"),
        "",
        RULE,
        f"{given.name}, seed {index}, {instance.track}, drawn from {instance.drawn_from}",
        *(f"{key}:{value}" for key, value in evaluation.environment.items()),
        RULE,
        *(f"step:{step}/{evaluation.max_steps} {metric}:{v!r}" for step, v in evaluation.curve),
        f"last_train_loss:{evaluation.last_train_loss!r} "
        f"train_time:{evaluation.training_wall_time_s:.3f}s",
    ]
    return "\n".join(lines) + "\n"


def as_json(content: object) -> str:
    return json.dumps(content, indent=2) + "\n"
