"""Numbers of results in words: steps of long runs have no exponent."""

import pytest

from agent.knowledge.standings import Advantage
from agent.report.sections.standings import advantage_text
from agent.verdict.chaos_record import Interval
from agent.verdict.effect import effect_in_words, effect_size
from agent.verdict.figures import between, figure
from helpers.made_up import compared
from tracks.base import Scale
from tracks.registry import get_track


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (28, ".3g", "28"), (28.67, ".3g", "28.7"), (0.0123, ".3g", "0.0123"), (5.25, ".3g", "5.25"),
        (999.7, ".3g", "999.7"), (1234, ".3g", "1234"), (1234.56, ".3g", "1234.6"),
        (-12345.6, ".4g", "-12345.6"), (12000, "+.4g", "+12000"), (1e20, ".3g", "1e+20"),
    ],
)  # fmt: skip
def test_a_figure_is_short_and_without_an_exponent(value: float, spec: str, text: str) -> None:
    assert figure(value, spec) == text


def test_thousands_of_steps_are_read_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    scales = {"full": Scale(max_steps=9000, batch_size=1, train_samples=1, eval_samples=1)}
    monkeypatch.setattr(get_track("mqar"), "scales", scales)
    found = compared([1234.0, 1236.0], [5000.0, 5003.0])
    assert effect_in_words(found) == "1235 steps against 5001.5 steps"
    assert effect_size(found) == "3766.5 steps"
    assert between((1234.5, 4000.0)) == "[1234.5, 4000]"
    assert str(Interval(1200.0, 1310.0)) == "1200 to 1310"
    advantage = Advantage("adamw", 3766.5, (3000.0, 4533.0), "steps", 2, 0.001, False)
    assert "3766.5 steps [3000, 4533] over adamw" in advantage_text(advantage)
