"""What ablation makes of numbers: findings of single parts, and what is taken out together."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.report.sections.ablation import ablation_cells
from agent.verdict import ablation as module
from agent.verdict import interactions as pairing
from agent.verdict import variants
from agent.verdict.ablation import ablate
from agent.verdict.ablation_record import Ablation, AblationRow, Finding
from agent.verdict.comparison import Bench
from agent.verdict.removable import Part
from helpers.studies import SETTINGS
from helpers.views import Recorder
from tracks.evaluation import Evaluation, State
from tracks.procedure import Procedure
from tracks.submission import Submission

FINAL = replace(SETTINGS, track="random_teacher", objective="final", scale="tiny")
MARGIN = 0.05
NOISE = (0.001, -0.002, 0.0, 0.002, -0.001, 0.001, 0.0, -0.001)
WILD = (0.3, -0.3, 0.1, -0.2, 0.2, -0.1, 0.05, -0.05)
Worth = Mapping[str, float | None]


class Made:
    """Parts a, b, ...: the code without some of them is their names."""

    def __init__(self, names: str) -> None:
        self._names = names

    def listed(self) -> Sequence[Part]:
        return [Part("part", name, "none") for name in self._names]

    def without(self, parts: Collection[int], max_steps: int) -> Submission:
        return Submission("".join(self._names[index] for index in sorted(parts)) or "whole")

    def spec_without(self, parts: Collection[int]) -> None:
        return None


def ablated(
    monkeypatch: pytest.MonkeyPatch,
    names: str,
    worth: Worth,
    noise: Sequence[float] = NOISE,
    margin: float | None = MARGIN,
    effect: float = math.inf,
    tiny: Worth | None = None,
    runs: Counter[tuple[str, str]] | None = None,
) -> Ablation:
    """By how much log10 of the loss goes up without these parts; None where the run fails.

    With `tiny` that is their worth at the cheapest scale, and `worth` at the study's, "small".
    """
    drawn: list[str | None] = []

    def run_all(
        executor: Any, view: Any, tasks: Any, objective: Any, procedure: Any = None
    ) -> list[Evaluation]:
        found = []
        for _, submission, instance in tasks:
            if instance.drawn_from not in drawn:
                drawn.append(instance.drawn_from)
            number = drawn.index(instance.drawn_from) % len(noise)
            here = tiny if tiny and instance.scale == "tiny" else worth
            lost = 0.0 if submission.source == "whole" else here[submission.source]
            if runs is not None:
                runs[instance.scale, submission.source] += 1
            if lost is None:
                failed = Evaluation(instance, State.DIVERGED, Procedure(1), reason="up and away")
                found.append(failed)
                continue
            spread = noise[number] if submission.source != "whole" else 0.0
            curve = ((0, 1.0), (40, 10.0 ** (number + lost + spread)))
            found.append(Evaluation(instance, State.COMPLETE, Procedure(1), curve=curve))
        return found

    monkeypatch.setattr(variants, "run_all", run_all)
    nothing: Any = None
    settings = replace(FINAL, scale="small") if tiny else FINAL
    basis = variants.Basis("key", effect=effect, margin=margin)
    return ablate(Bench(settings, nothing, Recorder()), Made(names), basis)


def out(ablation: Ablation) -> str | None:
    simplified = ablation.simplified
    return "".join(ablation.rows[i].part for i in simplified.parts) if simplified else None


def test_a_finding_needs_more_than_a_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    clear = {"a": -0.1, "b": 0.0, "c": 0.04, "d": 0.2, "e": None, "ab": 9.0, "abc": -0.1}
    rows = ablated(monkeypatch, "abcde", clear).rows
    assert [row.finding for row in rows] == [
        "harmful",
        "redundant",
        "redundant",
        "helpful",
        "needed",
    ]
    assert [row.seeds for row in rows] == [3, 3, 3, 3, None]
    assert rows[4].failed == "diverged: up and away"
    rows = ablated(monkeypatch, "abc", {"a": -0.05, "b": 0.0, "c": 0.04}, WILD).rows
    assert [row.finding for row in rows] == ["inconclusive"] * 3
    assert [row.seeds for row in rows] == [8, 8, 3], "the last is worse than the margin"


@pytest.mark.parametrize(
    ("worth", "taken"),
    [
        ({"a": 0.0, "b": 0.2}, "a"),
        ({"a": 0.2, "b": 0.2}, None),
        ({"a": 0.0, "b": 0.0, "ab": 0.0}, "ab"),
        ({"a": -0.5, "b": 0.0, "ab": -0.5}, "ab"),
        # either stands in for the other
        ({"a": -0.4, "b": -0.5, "ab": 1.0}, "b"),
        ({"a": -0.4, "b": -0.5, "ab": None}, "b"),
        # better than with both parts, and worse than with one
        ({"a": -0.5, "b": -0.4, "ab": -0.2}, "a"),
        # each costs less than the margin, both cost more
        ({"a": 0.03, "b": 0.04, "ab": 0.07}, "a"),
        # two stand in for each other, the third does nothing
        ({"a": -0.5, "b": -0.4, "c": 0.0, "abc": 1.0, "ab": 1.0, "ac": -0.5}, "ac"),
    ],
)
def test_what_is_taken_out_together(
    monkeypatch: pytest.MonkeyPatch, worth: Worth, taken: str | None
) -> None:
    names = "".join(name for name in worth if len(name) == 1)
    assert out(ablated(monkeypatch, names, worth)) == taken


def test_simplicity_costs_no_more_than_a_share_of_the_win(monkeypatch: pytest.MonkeyPatch) -> None:
    worth = {"a": 0.02, "b": 0.2}
    usual = ablated(monkeypatch, "ab", worth, margin=None)
    assert (usual.margin, out(usual)) == (0.05, "a")
    narrow = ablated(monkeypatch, "ab", worth, margin=None, effect=0.06)
    assert (narrow.margin, out(narrow)) == (0.015, None)
    asked = ablated(monkeypatch, "ab", worth, margin=0.05, effect=0.06)
    assert (asked.margin, out(asked)) == (0.05, "a")


def test_parts_in_doubt_are_removed_together_in_full_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = {"a": 0.5, "b": 0.0, "c": 0.06, "d": None, "bc": 0.06}
    runs: Counter[tuple[str, str]] = Counter()
    ablation = ablated(monkeypatch, "abcd", {"bc": 0.01}, tiny=tiny, runs=runs)
    a, b, c, d = ablation.rows
    assert out(ablation) == "bc"
    assert ablation.simplified.scale == "small", "only full runs take a part out"
    assert (a.finding, d.finding) == ("helpful", "needed")
    assert (b.finding, b.scale, b.removed_with) == ("redundant", "tiny", ())
    assert (c.finding, c.scale, c.removed_with) == ("redundant", "small", ("part b",))
    assert ablation_cells(c)[-1] == "redundant (together with part b)"
    full = {source: n for (scale, source), n in runs.items() if scale == "small"}
    assert full == {"whole": 3, "bc": 3}


@pytest.mark.parametrize(
    ("tiny", "full", "taken", "joint_runs"),
    [
        # removed together they cost the margin: one by one, as without a cheaper scale
        ({"b": 0.0, "c": 0.06, "bc": 0.06}, {"b": 0.0, "c": 0.08, "bc": 0.08}, "b", 3),
        ({"b": 0.0, "c": 0.0, "bc": 0.0}, {"b": 0.2, "c": 0.2, "bc": 0.4}, None, 1),
        # each stands in for the other, or one alone does better
        ({"b": 0.0, "c": 0.0, "bc": 1.0}, {"b": 0.01, "c": 0.0, "bc": 1.0}, "c", 3),
        ({"b": -0.5, "c": -0.4, "bc": -0.2}, {"b": -0.5, "c": -0.4, "bc": -0.2}, "b", 3),
        ({"b": 0.0, "c": 0.0, "bc": None}, {"b": 0.2, "c": 0.0, "bc": 0.2}, "c", 1),
    ],
)
def test_where_that_costs_something_each_is_settled_by_itself(
    monkeypatch: pytest.MonkeyPatch, tiny: Worth, full: Worth, taken: str | None, joint_runs: int
) -> None:
    runs: Counter[tuple[str, str]] = Counter()
    ablation = ablated(monkeypatch, "bc", full, tiny=tiny, runs=runs)
    assert out(ablation) == taken
    assert runs["small", "bc"] == joint_runs
    assert [row.scale for row in ablation.rows] == ["small"] * 2
    alone = ablated(monkeypatch, "bc", full)
    assert [row.finding for row in ablation.rows] == [r.finding for r in alone.rows]


def test_full_runs_end_where_more_of_them_would_hardly_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiny, full = {"b": 0.1, "c": 0.1, "bc": 0.2}, {"b": -0.05, "c": 0.0, "bc": 0.2}
    runs: Counter[tuple[str, str]] = Counter()
    rows = ablated(monkeypatch, "bc", full, WILD, tiny=tiny, runs=runs).rows
    assert [(row.finding, row.scale) for row in rows] == [("inconclusive", "small")] * 2
    assert (runs["small", "b"], runs["small", "c"]) == (3, 3)
    # a fifth of that spread leaves hope at three instances, and five tell
    some = [0.2 * value for value in WILD]
    runs.clear()
    rows = ablated(monkeypatch, "bc", full, some, tiny=tiny, runs=runs).rows
    assert [row.finding for row in rows] == ["harmful", "redundant"]
    assert runs["small", "c"] == 5


def test_smaller_runs_settle_nothing_where_the_whole_optimizer_fails() -> None:
    failed = "the whole optimizer failed"
    one = variants.removal((0,), "tiny", Finding.INCONCLUSIVE, failed=failed)
    nothing: Any = None
    assert not module.may_go_together(nothing, [one])
    assert not module.may_go_together(nothing, [])


def row(part: str, delta: float) -> AblationRow:
    finding = Finding.HELPFUL
    return AblationRow("tiny", finding, delta, None, 3, None, None, "part", part, "none")


def test_only_parts_that_leave_a_measurable_run_are_paired(monkeypatch: pytest.MonkeyPatch) -> None:
    # without c the target is missed, without d the run fails; the others are worth less and less
    steps = {"a": 30, "b": 29, "c": None, "e": 28, "f": 27, "g": 26, "h": 25, "i": 24}
    asked: Counter[str] = Counter()

    def run_all(
        executor: Any, view: Any, tasks: Any, objective: Any, procedure: Any = None
    ) -> list[Evaluation]:
        found = []
        for _, submission, instance in tasks:
            asked[submission.source] += 1
            state = State.DIVERGED if submission.source == "d" else State.COMPLETE
            names = "" if submission.source == "whole" else submission.source
            taken = [steps[part] for part in names if part in steps]
            reached = None if None in taken else max((t for t in taken if t), default=20)
            curve = ((0, 0.0), (reached or 40, 1.0 if reached else 0.5))
            found.append(Evaluation(instance, state, Procedure(1), curve=curve, max_steps=40))
        return found

    monkeypatch.setattr(pairing, "run_all", run_all)
    nothing: Any = None
    rows = [row(part, (steps.get(part) or 99) - 20) for part in "abcdefghi"]
    made = Made("abcdefghi")
    record = pairing.interactions(Bench(SETTINGS, nothing, Recorder()), made, "key", rows)
    chosen = ["abcdefghi"[part] for part in record.parts]
    assert chosen == ["a", "b", "e", "f", "g", "h"], "six, of those that can be told"
    assert len(record.pairs) == 15
    assert all(pair.interaction is not None for pair in record.pairs)
    assert asked["ab"] == 3
    assert not [source for source in asked if len(source) == 2 and set(source) & set("cdi")]
    assert record.pairs[0].interaction == 30 - 30 - 29 + 20
