"""The tokens of a held-out instance cannot be found by trying the seeds of torch's generator."""

import pytest
from guess import guess

from agent.verdict.comparison_keys import draw, instance_texts
from tracks.evaluation import Evaluation
from tracks.instance import drawn_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.rules.checker import broken
from tracks.submission import Submission

pytestmark = pytest.mark.processes


def measured(launcher: Launcher, text: str) -> Evaluation:
    instance = drawn_instance("mqar", text, "tiny")
    assert instance.seeds.tokens is not None
    submission = Submission(guess(instance.seeds.tokens))
    assert not broken(submission)
    return evaluate(submission, instance, launcher, procedure=Procedure(1, "fused", steps=2))


def test_it_wins_where_tokens_follow_from_32_bits(launcher: Launcher) -> None:
    """So that the test below can fail: the guess works."""
    result = measured(launcher, "any")
    assert result.steps_to_target == 1, (result.reason, result.curve)


def test_it_finds_nothing_on_an_instance_of_a_verdict(launcher: Launcher) -> None:
    (text,) = instance_texts(draw(), "one", "other", "mqar", "tiny", 1)
    result = measured(launcher, text)
    assert result.complete, result.reason
    assert result.steps_to_target is None
