"""A result in the fields that upstream writes, where its track is one of the user's own."""

import pytest

from tracks.result_file import measured_metric


@pytest.mark.parametrize("name", ["mse", "accuracy", "bits_per_byte"])
def test_the_metric_is_the_one_that_was_measured(name: str) -> None:
    official = {"final_eval_mse": None, "final_eval_accuracy": None, "best_eval_mse": None}
    assert measured_metric(official | {f"final_eval_{name}": 0.5}) == name
    assert measured_metric(official) is None
