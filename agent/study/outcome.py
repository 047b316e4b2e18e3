"""How an evaluation came out, as the ledger keeps it and as one line."""

from typing import Any

from agent.study.ledger import PRUNED
from tracks.base import Objective
from tracks.evaluation import Evaluation


def outcome(evaluation: Evaluation, objective: Objective) -> dict[str, Any]:
    """State, reason and duration; for a complete evaluation also score, final and steps."""
    record: dict[str, Any] = {
        "state": evaluation.state,
        "reason": evaluation.reason,
        "duration_s": evaluation.duration_s,
        "sandbox": evaluation.sandbox,
    }
    if evaluation.complete:
        record |= {
            "score": evaluation.score(objective),
            "final": evaluation.final,
            "steps_to_target": evaluation.steps_to_target,
        }
    return record


def pruned_outcome(evaluation: Evaluation, objective: Objective) -> dict[str, Any]:
    """Of a trial that ended below its full run: no score, because nothing compares to that."""
    value = describe(outcome(evaluation, objective))
    reason = f"not promising at scale {evaluation.instance.scale} ({value})"
    return {"state": PRUNED, "reason": reason, "duration_s": evaluation.duration_s}


def describe(record: dict[str, Any]) -> str:
    """One short line for an outcome."""
    if "score" not in record:
        return f"{record['state']}: {record['reason']}"
    steps = record["steps_to_target"]
    reached = f"target at step {steps}" if steps else "target missed"
    return f"{reached}, final {record['final']:.6g}"
