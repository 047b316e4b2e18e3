"""The result of one evaluation in the fields that the upstream benchmark writes, plus ours."""

import math
from datetime import UTC, datetime
from typing import Any

from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.registry import get_track

SCHEMA_VERSION = 1


def result_record(
    evaluation: Evaluation, name: str, path: str, objective: Objective
) -> dict[str, Any]:
    """Upstream's result fields, then score, steps_to_target and the procedure.

    NaN and infinities become null. For a failed evaluation the metrics are null and `state`,
    `reason` and `traceback` describe the failure.
    """
    track = get_track(evaluation.instance.track)
    steps = evaluation.steps_to_target
    measured = {"mse": [math.nan], "accuracy": [math.nan]}
    if evaluation.curve:
        measured[track.metric.name] = [value for _, value in evaluation.curve]
    best = max if track.metric.higher_is_better else min
    passed = evaluation.complete and track.meets(evaluation.last)
    environment = evaluation.environment
    record = {
        "submission": name,
        "submission_path": path,
        "track": track.name,
        "status": "pass" if passed or steps else "fail",
        "training_wall_time_s": evaluation.training_wall_time_s,
        "duration_s": evaluation.duration_s,
        "steps": steps or evaluation.max_steps,
        "max_steps": evaluation.max_steps,
        "eval_every": evaluation.procedure.eval_every,
        "train_samples": evaluation.train_samples,
        "eval_samples": evaluation.eval_samples,
        "batch_size": evaluation.batch_size,
        "data_audit": evaluation.data_audit,
        "initial_eval_mse": measured["mse"][0],
        "final_eval_mse": measured["mse"][-1],
        "best_eval_mse": best(measured["mse"]),
        "initial_eval_accuracy": measured["accuracy"][0],
        "final_eval_accuracy": measured["accuracy"][-1],
        "best_eval_accuracy": best(measured["accuracy"]),
        "target_mse": track.target if track.metric.name == "mse" else None,
        "target_accuracy": track.target if track.metric.name == "accuracy" else None,
        "last_train_loss": evaluation.last_train_loss,
        "python": environment.get("python"),
        "torch": environment.get("torch"),
        "device": environment.get("device"),
        "mps_available": environment.get("mps_available"),
        "platform": environment.get("platform"),
        "machine": environment.get("machine"),
        "date_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema_version": SCHEMA_VERSION,
        "objective": objective,
        "score": evaluation.score(objective) if evaluation.complete else None,
        "steps_to_target": steps,
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
        "cpu_capability": environment.get("cpu_capability"),
    }
    return {key: _without_nan(value) for key, value in record.items()}


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value
