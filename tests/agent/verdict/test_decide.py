"""The verdict's course: which instances are run, when it stops, and what it writes down."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.verdict import comparison
from agent.verdict.alpha import TOTAL, AlphaLedger
from agent.verdict.comparison import Bench
from agent.verdict.comparison_keys import SeededKeys
from agent.verdict.decide import confirm
from agent.verdict.effect import effect_in_words
from agent.verdict.verdict import Verdict
from helpers.studies import SETTINGS
from helpers.views import Recorder
from tracks.base import Metric
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

OURS, THEIRS = ("ours", Submission("x = 1")), ("theirs", Submission("x = 2"))
KEYS = SeededKeys("test")
THIRTEEN = replace(SETTINGS, seeds=13, scale="full")


class Measured:
    """Gives steps to the target as they are listed, by name and by instance in its order."""

    def __init__(self, official: tuple[int | None, int], fresh: Sequence[tuple[int | None, int]]):
        self.official, self.fresh = official, fresh
        self.same_data: Sequence[str] = ()
        self.drawn: list[str] = []
        self.asked: list[int] = []

    def __call__(
        self, executor: Any, view: Any, tasks: Any, objective: Any, procedure: Any = None
    ) -> list[Evaluation]:
        assert procedure is None, "all are measured as a search measures its trials"
        self.asked.append(len(tasks))
        return [self.evaluation(name, instance) for name, _, instance in tasks]

    def evaluation(self, name: str, instance: Instance) -> Evaluation:
        pair = self.official
        if instance.drawn_from is not None:
            if instance.drawn_from not in self.drawn:
                self.drawn.append(instance.drawn_from)
            pair = self.fresh[self.drawn.index(instance.drawn_from)]
        steps = pair[name != "ours"]
        if steps is None:
            return Evaluation(instance, State.NONFINITE, Procedure(1), reason="boom")
        curve = ((0, 0.0), (steps, 1.0))
        names = ("train_inputs", "train_targets", "eval_inputs", "eval_targets", "batch_indices")
        audit = {name: name if name in self.same_data else instance.drawn_from for name in names}
        made = Evaluation(instance, State.COMPLETE, Procedure(1), curve=curve, max_steps=400)
        return replace(made, data_audit=audit)


def judged(
    monkeypatch: pytest.MonkeyPatch, measured: Measured, alpha: AlphaLedger, **options: Any
) -> Verdict:
    monkeypatch.setattr(comparison, "run_all", measured)
    nothing: Any = None
    keys = options.pop("keys", KEYS)
    return confirm(Bench(THIRTEEN, nothing, Recorder()), alpha, keys, OURS, THEIRS, **options)


OPEN_AT_THREE = [(40, 60), (40, 70), (40, 52), (40, 62), (40, 61), (40, 60), (40, 60), (40, 60)]


def test_it_goes_on_with_more_instances_while_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    measured, alpha = Measured((40, 60), OPEN_AT_THREE), AlphaLedger()
    verdict = judged(monkeypatch, measured, alpha)
    assert verdict.accepted
    analyses = [(it.seeds, it.decision) for it in verdict.interim_analyses]
    assert analyses[0] == (3, "open")
    assert analyses[-1][1] == "accepted"
    seeds = analyses[-1][0]
    assert seeds in (5, 8)
    assert measured.asked[:3] == [2, 6, 4], "official, three pairs, and two more"
    assert verdict.test.differences == tuple(b - a for a, b in OPEN_AT_THREE[:seeds])
    assert [pair.drawn_from for pair in verdict.pairs] == measured.drawn
    assert verdict.level == pytest.approx(TOTAL * 2 / 3)
    assert alpha.comparisons[0].accepted is True
    again = judged(monkeypatch, Measured((40, 60), OPEN_AT_THREE), alpha)
    assert again == verdict, "taken up again, it spends no more and comes to the same"
    assert len(alpha.comparisons) == 1


def test_a_failure_at_a_later_analysis_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = [*OPEN_AT_THREE[:4], (None, 60)]
    alpha = AlphaLedger()
    verdict = judged(monkeypatch, Measured((40, 60), fresh), alpha)
    assert not verdict.accepted
    assert verdict.reason == "ours failed on a held-out instance: nonfinite: boom"
    assert [it.seeds for it in verdict.interim_analyses] == [3]
    assert alpha.comparisons[0].accepted is False


def test_an_incumbent_that_diverges_has_missed_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = AlphaLedger()
    verdict = judged(monkeypatch, Measured((40, 60), [(40, None), (41, 401), (40, None)]), alpha)
    assert verdict.accepted
    assert [pair.incumbent for pair in verdict.pairs] == [401.0] * 3
    assert list(verdict.test.differences) == [361.0, 360.0, 361.0]


def test_a_challenger_that_fails_officially_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = AlphaLedger()
    verdict = judged(monkeypatch, Measured((None, 60), []), alpha)
    assert not verdict.accepted
    assert "the challenger failed on the official instance: nonfinite: boom" in verdict.reason
    assert alpha.comparisons == (), "nothing was tested, nothing was spent"


def test_no_better_officially_is_not_tested_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = AlphaLedger()
    equal = Measured((60, 60), [(60, 60)] * 13)
    assert judged(monkeypatch, equal, alpha).pairs == ()
    assert alpha.comparisons == ()
    verdict = judged(monkeypatch, equal, alpha, better_officially=False)
    assert (bool(verdict.pairs), verdict.accepted) == (True, False)


@pytest.mark.parametrize(("many", "memorised"), [(2, False), (12, True)])
def test_a_few_held_out_instances_on_which_it_misses_are_no_sign_of_memory(
    many: int, memorised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of thirteen; one that misses counts 401 steps, and the official instance has 120."""
    held_out = [(120, 150 + i) for i in range(13 - many)] + [(401, 401)] * many
    verdict = judged(monkeypatch, Measured((120, 150), held_out), AlphaLedger())
    assert verdict.memorised == memorised


def test_who_is_better_but_memorised_the_official_instance_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its official result would be published, and no honest challenger could ever beat it."""
    alpha = AlphaLedger()
    measured = Measured((1, 60), [(50, 60), (51, 61), (50, 61)])
    verdict = judged(monkeypatch, measured, alpha)
    assert (verdict.accepted, verdict.memorised) == (False, True)
    assert verdict.interim_analyses[-1].decision == "accepted"
    assert alpha.comparisons[0].accepted is False
    assert verdict.reason.startswith("better than theirs by ")
    assert "is not below" not in verdict.reason
    assert "does not carry over to held-out instances" in verdict.reason
    lucky = [(45, measured.fresh), (16, [(26, 280), (22, 276), (34, 289)])]
    for official, fresh in lucky:
        honest = Measured((official, 80), fresh)
        assert judged(monkeypatch, honest, AlphaLedger()).accepted


def test_no_key_is_drawn_unless_something_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody:
        def key(self, challenger: str, opponent: str) -> str:
            raise AssertionError("there is nothing to draw instances for")

        def drawn(self) -> list[str]:
            return []

    for official in ((60, 60), (None, 60)):
        verdict = judged(monkeypatch, Measured(official, []), AlphaLedger(), keys=Nobody())
        assert verdict.key is None


def test_runs_that_are_all_the_same_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = AlphaLedger()
    verdict = judged(monkeypatch, Measured((40, 60), [(40, 60)] * 13), alpha)
    assert not verdict.accepted
    assert verdict.test is None
    assert "all held-out instances of mqar are the same run" in verdict.reason


def test_data_that_no_seed_changes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Measured((40, 60), [(40, 61), (40, 60), (40, 62)])
    measured.same_data = ("eval_inputs", "eval_targets", "batch_indices")
    verdict = judged(monkeypatch, measured, AlphaLedger())
    assert verdict.accepted
    assert verdict.shared == ("evaluation data",)
    assert "on 3 held-out instances with the same evaluation data (" in verdict.reason
    assert judged(monkeypatch, Measured((40, 60), measured.fresh), AlphaLedger()).shared == ()


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        (Metric("bits_per_byte"), "bits per byte 40.5 against 60.5"),
        (Metric("points", higher_is_better=True), "points -40.5 against -60.5"),
        (Metric("mse", log=True), "1e+20 times lower loss"),
        (Metric("accuracy", higher_is_better=True, log=True), "1e+20 times lower error rate"),
    ],
)
def test_effects_are_in_the_words_of_the_metric(
    monkeypatch: pytest.MonkeyPatch, metric: Metric, said: str
) -> None:
    """Means of both sides, unless ratios are what is compared."""
    measured = Measured((40, 60), [(40, 61), (41, 60), (40, 62)])
    verdict = judged(monkeypatch, measured, AlphaLedger())
    assert verdict.test is not None
    test = replace(verdict.test, mean=20.0)
    verdict = replace(verdict, objective="final", pairs=verdict.pairs[:2], test=test)
    monkeypatch.setattr(get_track("mqar"), "metric", metric)
    assert effect_in_words(verdict) == said


@pytest.mark.parametrize(
    ("mean", "said"), [(1e-8, "equal loss to 3 digits"), (-0.3, "2 times higher loss")]
)
def test_a_difference_that_no_digit_shows_is_called_equal(
    monkeypatch: pytest.MonkeyPatch, mean: float, said: str
) -> None:
    verdict = judged(monkeypatch, Measured((40, 60), [(40, 61), (41, 60), (40, 62)]), AlphaLedger())
    assert verdict.test is not None
    verdict = replace(verdict, objective="final", test=replace(verdict.test, mean=mean))
    monkeypatch.setattr(get_track("mqar"), "metric", Metric("mse", log=True))
    assert effect_in_words(verdict) == said
