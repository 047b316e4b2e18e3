"""Claimed results of any track, whatever its metric."""

import pytest

from agent.knowledge.survey.claims import of_readme, of_results
from tracks.base import Metric
from tracks.registry import get_track


def claimed(track: str, metric: str, value: float) -> dict[str, object]:
    return {track: {"scale": "full", "steps_to_target": None, f"final_eval_{metric}": value}}


def test_a_track_is_compared_by_its_own_metric() -> None:
    better, worse = (
        claim
        for value in (2.2, 2.5)
        for claim in of_results(claimed("tiny_lm", "bits_per_byte", value))
    )
    assert better.contest == worse.contest == ("tiny_lm", "bits_per_byte", "full")
    assert better.rank < worse.rank
    assert better.said == "tiny_lm: bits_per_byte 2.2"
    (stated,) = of_readme("tiny_lm\n\n    final_eval_bits_per_byte: 2.2\n")
    assert stated == better
    assert not list(of_results(claimed("unknown", "bits_per_byte", 2.2)))


def test_more_is_better_where_the_track_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # a name that begins with that of another metric
    changed = Metric("accuracy_db", higher_is_better=True)
    monkeypatch.setattr(get_track("tiny_lm"), "metric", changed)
    (better,) = of_readme("final_eval_accuracy_db = 3")
    (worse,) = of_results(claimed("tiny_lm", "accuracy_db", -33.0))
    assert better.rank < worse.rank
    (negative,) = of_readme("final_eval_accuracy_db = -33")
    assert negative == worse
