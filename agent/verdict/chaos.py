"""How chaotic an optimizer is: its official result again, with perturbed initial weights."""

from dataclasses import replace
from datetime import UTC, datetime

from agent.study.executor import Executor
from agent.verdict.chaos_record import Chaos, Result
from tracks.base import Track
from tracks.evaluation import DIVERGING, Evaluation
from tracks.instance import official_instance
from tracks.procedure import official_procedure
from tracks.processor import hardware
from tracks.registry import file_digest
from tracks.submission import Submission


class RunFailed(Exception):
    """A run ended otherwise than by the optimizer's numbers; the message says how."""


def measure(
    executor: Executor, candidate: Submission, track: Track, scale: str, runs: int
) -> Chaos:
    """The official run of `candidate` and `runs` more with perturbed initial weights.

    The metric is evaluated as often as the steps to a target need it. Runs that the executor's
    store has are not repeated. Raises RunFailed where one ended by anything but its own numbers: by
    an error or a time limit, which are no result.
    """
    plain = official_procedure(track, "final" if track.target is None else "steps")
    procedures = [plain, *(replace(plain, perturbed=seed) for seed in range(1, runs + 1))]
    instance = official_instance(track.name, scale)
    started = [executor.submit(candidate, instance, procedure) for procedure in procedures]
    evaluations = [future.result() for future in started]
    for one in evaluations:
        if not (one.complete or one.state in DIVERGING):
            raise RunFailed(f"{candidate.name}: {one.state}: {one.reason}")
    versions = (one.environment.get("torch") for one in evaluations if one.complete)
    return Chaos(
        submission=candidate.name,
        digest=candidate.digest,
        track=track.name,
        scale=scale,
        eval_every=plain.eval_every,
        results=tuple(map(_result, evaluations)),
        hardware=hardware(executor.device),
        torch=str(next(versions, "")),
        date_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        track_digest=file_digest(track.name),
    )


def _result(evaluation: Evaluation) -> Result:
    if not evaluation.complete:
        return Result(None, None)
    return Result(evaluation.last, evaluation.steps_to_target)
