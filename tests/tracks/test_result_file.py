"""A result in the fields that upstream writes, where its track is one of the user's own."""

import math

import pytest

from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.procedure import Procedure
from tracks.result_file import measured_metric, result_record


@pytest.mark.parametrize("name", ["mse", "accuracy", "bits_per_byte"])
def test_the_metric_is_the_one_that_was_measured(name: str) -> None:
    official = {"final_eval_mse": None, "final_eval_accuracy": None, "best_eval_mse": None}
    assert measured_metric(official | {f"final_eval_{name}": 0.5}) == name
    assert measured_metric(official) is None


def test_a_run_that_failed_has_passed_nothing() -> None:
    curve = ((0, 1800.0), (100, 3e-7), (400, math.inf))
    instance = official_instance("random_teacher")
    failed = Evaluation(instance, State.NONFINITE, Procedure(100), curve=curve, max_steps=400)
    record = result_record(failed, "mine", "mine.py", "final")
    assert (record["status"], record["score"], record["steps_to_target"]) == ("fail", None, None)
    assert [record[f"{which}_eval_mse"] for which in ("initial", "final", "best")] == [None] * 3
    passed = Evaluation(instance, State.COMPLETE, Procedure(100), curve=curve[:2], max_steps=100)
    assert result_record(passed, "mine", "mine.py", "final")["status"] == "pass"
