"""The form of parameter-golf: a folder of records/ with a table by seed and submission.json."""

import statistics
from pathlib import Path
from typing import Any

from agent.publish.contests.contribution import Added, Contribution, Given
from agent.publish.contests.form import Form
from agent.publish.contests.logs import read_logs
from agent.publish.contests.page import as_json, introduction, measured_here, track_logs
from agent.report.tables import number, table
from agent.study.errors import UserError
from agent.verdict.statistics import PairedTest, paired_t_test
from tracks.base import Track
from tracks.submission import InvalidSubmissionError, Submission, read_submission

BYTES, SECONDS = 16_000_000, 600
SEEDS = 3
GAIN, P = 0.005, 0.01
"""Nats by which a record must be better than the best so far, and how sure that must be."""
RECORD, OTHER = "track_10min_16mb", "track_non_record_16mb"
BY_HAND = "to be checked by hand"
NOT_RUN = "not run yet"


class ParameterGolf(Form):
    """records/TRACK/DATE_NAME: README.md, submission.json, the script, a log a seed."""

    name = "parameter-golf"

    def add(self, winner: Submission, track: Track, given: Given) -> Added:
        logs = read_logs(given.logs)
        for log in logs:
            if log.seed is None or log.bits is None:
                raise UserError(
                    f"--log {log.name}: it lacks a line seed:1337 or val_loss and val_bpb; "
                    "expected what train_gpt.py logs"
                )
        if len({log.seed for log in logs}) < len(logs):
            raise UserError("--log: two logs are of one seed; expected a log a seed")
        if logs and given.script is None:
            raise UserError("--log needs --script FILE: the train_gpt.py that wrote the logs")
        script = _script(given.script) if given.script else ""
        return Added(script, "", logs, given.best, given.author, given.github_id)

    def files(self, given: Contribution) -> dict[str, str]:
        added = given.added
        folder = f"records/{_track(added)}/{given.date}_{given.name}"
        script = {"train_gpt.py": added.script} if added.script else {}
        files = {
            "README.md": "\n\n".join(_page(given)) + "\n",
            "submission.json": as_json(_record(given)),
            "submission.py": given.submission.source,
            **script,
            **{f"train_seed{log.seed}.log": log.text for log in added.logs},
            **track_logs(given, f"on_{given.track.name}"),
        }
        return {f"{folder}/{path}": text for path, text in files.items()}


def _script(path: Path) -> str:
    try:
        return read_submission(path).source
    except InvalidSubmissionError as error:
        raise UserError(f"--script {error}") from error


def _test(added: Added) -> PairedTest | None:
    """Whether the mean loss is better than the best by the gain that is asked for."""
    losses = [log.bits[0] for log in added.logs if log.bits]
    if added.best is None or len(losses) < 2:
        return None
    return paired_t_test([added.best - loss for loss in losses], null=GAIN)


def _track(added: Added) -> str:
    test = _test(added)
    return RECORD if test and test.p < P and len(added.logs) >= SEEDS else OTHER


def _page(given: Contribution) -> list[str]:
    added = given.added
    here = given.one_sample()
    t_test = (
        f"One-sample t-test against the incumbent's mean {number(given.threshold)}: mean "
        f"{number(statistics.fmean(given.ours))}, std {number(here.std)}, t = {here.t:.2f}, "
        f"{here.degrees} degrees of freedom, p = {here.p:.2g}."
    )
    return [
        *introduction(given),
        "The optimizer is in `submission.py`"
        + (" and, put there by hand, in `train_gpt.py`." if added.script else "."),
        "## Result",
        *_result(added),
        "## Compliance",
        _compliance(added),
        "## Reproduction",
        "```\n" + _command(added) + "\n```",
        *measured_here(given, t_test),
    ]


def _result(added: Added) -> list[str]:
    if not added.logs:
        return [
            "The contest's train_gpt.py has not been run: put the optimizer in, run three seeds, "
            "and export again with `--script` and a `--log` for each. The numbers at the end are "
            "of another task."
        ]
    rows = [
        [
            str(log.seed),
            str(max(log.trials[-1])),
            *(f"{value:.8f}" for value in log.bits or ()),
            f"{log.total_bytes:,}" if log.total_bytes else "-",
        ]
        for log in added.logs
    ]
    values = list(zip(*(log.bits for log in added.logs if log.bits), strict=True))
    rows.append(["mean", "", *(f"{statistics.fmean(column):.8f}" for column in values), ""])
    if len(added.logs) > 1:
        rows.append(["std", "", *(f"{statistics.stdev(column):.8f}" for column in values), ""])
    return [table(["seed", "steps", "val_loss (nats)", "val_bpb", "artifact (bytes)"], rows)]


def _compliance(added: Added) -> str:
    test = _test(added)
    better = "give --best, the loss of the best result so far" if added.logs else NOT_RUN
    if test:
        better = f"by {test.mean:.5f}: t = {test.t:.2f}, p = {test.p:.2g}"
    rows = [
        [f"better than the best by {GAIN} nats, p < {P}", better],
        [f"{SEEDS} seeds", f"{len(added.logs)}" if added.logs else NOT_RUN],
        [f"artifact of at most {BYTES:,} bytes", _largest(added, "total_bytes", BYTES)],
        [f"training of at most {SECONDS} s", _largest(added, "training_seconds", SECONDS)],
        [f"evaluation of at most {SECONDS} s", _largest(added, "evaluation_seconds", SECONDS)],
        ["tokenizer and data unchanged", BY_HAND],
        ["no training data and no network in the evaluation", BY_HAND],
    ]
    return table(["rule", "here"], rows)


def _largest(added: Added, what: str, limit: float) -> str:
    found = [getattr(log, what) for log in added.logs]
    known = [value for value in found if value is not None]
    if not known or len(known) < len(found):
        return BY_HAND if added.logs else NOT_RUN
    return f"{max(known):,.0f}" + ("" if max(known) <= limit else ": too many")


def _command(added: Added) -> str:
    seeds = " ".join(str(log.seed) for log in added.logs) or "1337 1338 1339"
    run = "    SEED=$SEED torchrun --standalone --nproc_per_node=8 train_gpt.py"
    return f"for SEED in {seeds}; do\n{run}\ndone"


def _record(given: Contribution) -> dict[str, Any]:
    """The fields of the contest's own records; what is not known is null."""
    added, test = given.added, given.one_sample()
    by_seed = {str(log.seed): log.bits for log in added.logs if log.bits}
    columns = list(zip(*by_seed.values(), strict=True)) or [(), ()]
    (loss, bits), several = columns, len(by_seed) > 1
    sizes = [log.total_bytes for log in added.logs if log.total_bytes]
    codes = [log.code_bytes for log in added.logs if log.code_bytes]
    return {
        "author": added.author or None,
        "github_id": added.github_id or None,
        "name": given.name,
        "blurb": f"{given.name}: an optimizer found and confirmed by autoresearch on "
        f"{given.track.name}.",
        "date": given.date,
        "track": _track(added).removeprefix("track_"),
        "val_loss": statistics.fmean(loss) if loss else None,
        "val_bpb": statistics.fmean(bits) if bits else None,
        "val_loss_std": statistics.stdev(loss) if several else None,
        "val_bpb_std": statistics.stdev(bits) if several else None,
        "seeds": [int(seed) for seed in by_seed],
        "seed_results": {
            seed: {"val_loss": loss, "val_bpb": bits} for seed, (loss, bits) in by_seed.items()
        },
        "bytes_total": max(sizes, default=None),
        "bytes_code": max(codes, default=None),
        "confirmed_on": {
            "track": given.track.name,
            "values": given.ours,
            "mean": statistics.fmean(given.ours),
            "std": test.std,
            "incumbent": given.incumbent,
            "threshold": given.threshold,
            "t": test.t,
            "degrees": test.degrees,
            "p": test.p,
        },
    }
