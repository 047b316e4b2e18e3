"""The result of one evaluation in the fields that the upstream benchmark writes, plus ours."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tracks.base import Objective, Track
from tracks.evaluation import Evaluation
from tracks.registry import file_digest, get_track

SCHEMA_VERSION = 1


def result_record(
    evaluation: Evaluation, name: str, path: str, objective: Objective
) -> dict[str, Any]:
    """Upstream's result fields, then score, steps_to_target and the procedure.

    NaN and infinities become null; without a target, so does `status`. For a failed evaluation the
    metrics are null and `state`, `reason` and `traceback` describe the failure.
    """
    track = get_track(evaluation.instance.track)
    complete, procedure = evaluation.complete, evaluation.procedure
    steps = evaluation.steps_to_target if complete else None
    passed = complete and track.meets(evaluation.last)
    environment = ("python", "torch", "device", "mps_available", "platform", "machine")
    record = {
        "submission": name,
        "submission_path": path,
        "track": track.name,
        "track_digest": file_digest(track.name),
        "status": ("pass" if passed or steps else "fail") if evaluation.has_target else None,
        "training_wall_time_s": evaluation.training_wall_time_s,
        "duration_s": evaluation.duration_s,
        "steps": steps or evaluation.max_steps,
        "max_steps": evaluation.max_steps,
        "eval_every": procedure.eval_every,
        "train_samples": evaluation.train_samples,
        "eval_samples": evaluation.eval_samples,
        "batch_size": evaluation.batch_size,
        "data_audit": evaluation.data_audit,
        **_metrics(evaluation, track),
        "last_train_loss": evaluation.last_train_loss,
        **{key: evaluation.environment.get(key) for key in environment},
        "date_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema_version": SCHEMA_VERSION,
        "objective": objective,
        "score": evaluation.score(objective) if complete else None,
        "steps_to_target": steps,
        **_how(evaluation),
    }
    return {key: _without_nan(value) for key, value in record.items()}


def measured_metric(result: Mapping[str, Any]) -> str | None:
    """The name of the metric of a result, whose fields of others are empty; None without a value.

    A track may have been given another metric since.
    """
    start = "final_eval_"
    named = (key for key, value in result.items() if key.startswith(start) and value is not None)
    return next((key.removeprefix(start) for key in named), None)


def _metrics(evaluation: Evaluation, track: Track) -> dict[str, float | None]:
    """Upstream's fields of both metrics; those of the one that was not measured are null."""
    curves = {"mse": [math.nan], "accuracy": [math.nan]}
    if evaluation.complete:
        curves[track.metric.name] = [value for _, value in evaluation.curve]
    best = max if track.metric.higher_is_better else min
    fields: dict[str, float | None] = {}
    for name, values in curves.items():
        fields[f"initial_eval_{name}"] = values[0]
        fields[f"final_eval_{name}"] = values[-1]
        fields[f"best_eval_{name}"] = best(values)
    targets = {f"target_{n}": track.target if track.metric.name == n else None for n in curves}
    return fields | targets


def _how(evaluation: Evaluation) -> dict[str, Any]:
    """How the run ended and how it was measured."""
    return {
        "state": evaluation.state,
        "reason": evaluation.reason or None,
        "traceback": list(evaluation.traceback),
        "log": evaluation.log,
        "scale": evaluation.instance.scale,
        "drawn_from": evaluation.instance.drawn_from,
        "curve": [list(point) for point in evaluation.curve],
        "memory_mb": evaluation.memory_mb,
        "trainer": evaluation.procedure.trainer,
        "sandbox": evaluation.sandbox,
        "cpu_capability": evaluation.environment.get("cpu_capability"),
    }


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value
