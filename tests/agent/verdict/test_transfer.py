"""Transfer: ratios of steps to a reference's final loss, and what a miss or a failure costs."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.report.repeat import transfer_command
from agent.report.sections.transfer import transfer_section
from agent.study.local_executor import LocalExecutor
from agent.verdict.references.files import REFERENCES, references
from agent.verdict.references.numbers import NUMBERS
from agent.verdict.transfer import LENGTHS, Design, takes_length, transfer
from agent.verdict.transfer_record import MISSED, Draw, TransferRecord, WorkloadRow, scores_of
from helpers.views import Recorder
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance, drawn_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.registry import workloads
from tracks.rules.checker import check
from tracks.submission import Submission
from tracks.workload import LONGEST

ADAPTS = Submission("class Submission:\n    def __init__(self, params, max_steps=400): ...\n")
FIXED = Submission("class Submission:\n    def __init__(self, params): ...\n")
NAMES = [it.name for it in workloads()]
Loss = Callable[[Procedure, int], float]
"""Of a run after a number of steps; not a number where it fails."""


@pytest.fixture(autouse=True)
def few_workloads() -> None:
    """All of them here."""


class FakeExecutor:
    """Gives the candidate one loss and the references another, after any step."""

    device = "cpu"

    def __init__(self, candidate: Loss, reference: Loss, failing: Sequence[str] = ()) -> None:
        self._candidate, self._reference, self._failing = candidate, reference, failing
        self.asked: list[tuple[Instance, Procedure, bool]] = []
        self.devices: set[str | None] = set()

    def submit(
        self,
        submission: Submission,
        instance: Instance,
        procedure: Procedure,
        on_step: object = None,
        device: str | None = None,
    ) -> "Future[Evaluation]":
        ours = submission in (ADAPTS, FIXED)
        self.devices.add(device)
        self.asked.append((instance, procedure, ours))
        loss, last = self._candidate if ours else self._reference, procedure.steps
        assert last is not None
        steps = [*range(0, last, procedure.eval_every), last]
        curve = tuple((step, loss(procedure, step)) for step in steps)
        state = State.COMPLETE
        if (ours and instance.track in self._failing) or any(v != v for _, v in curve):
            state, curve = State.NONFINITE, ()
        done: Future[Evaluation] = Future()
        done.set_result(Evaluation(instance, state, procedure, "why", curve=curve, max_steps=last))
        return done


def tried(
    candidate: Loss,
    reference: Loss,
    *,
    submission: Submission = ADAPTS,
    failing: Sequence[str] = (),
    **design: Any,
) -> tuple[TransferRecord, FakeExecutor]:
    executor = FakeExecutor(candidate, reference, failing)
    asked = Design("key", **{"draws": 1, "only": ("mlp", "tables", "recurrent"), **design})
    found = transfer(executor, Recorder(), ("mine", submission), asked)  # type: ignore[arg-type]
    return found, executor


def test_a_winner_is_tried_on_the_cpu_whatever_a_study_computes_on() -> None:
    """A host on a GPU takes longer to start than such a run lasts."""
    executor: Any = FakeExecutor(falling(1), falling(1))
    executor.device = "cuda"
    contender = ("mine", ADAPTS)
    assert transfer(executor, Recorder(), contender, Design.of_a_winner("key", 400)).device == "cpu"
    assert executor.devices == {"cpu"}
    asked = transfer(executor, Recorder(), contender, Design("key", 1, only=("mlp",)))
    assert asked.device == "cuda"


def falling(speed: float) -> Loss:
    """A schedule that reaches 1 only at its end, and lower losses in longer runs."""

    def loss(procedure: Procedure, step: int) -> float:
        assert procedure.length
        return 100 / (procedure.length * speed) if step == procedure.length else 10.0

    return loss


def test_equal_optimizers_have_ratio_one() -> None:
    found, _ = tried(falling(1), falling(1))
    assert found.scores["adamw"].mean == pytest.approx(1)
    assert found.verdict == "on other tasks no significant difference from AdamW"
    assert not found.missed


def soon(share: float) -> Loss:
    """Reaches its final loss after this share of the whole run of `mlp`, whatever its length."""

    def loss(_procedure: Procedure, step: int) -> float:
        return 1.0 if step >= 300 * share else 10.0

    return loss


@pytest.mark.parametrize("share", [0.3, 0.5, 0.6, 1])
def test_a_reference_too_counts_with_its_fewest_steps(share: float) -> None:
    found, _ = tried(soon(share), soon(share), only=["mlp"])
    assert found.rows[0].ratio("adamw") == 1
    assert found.rows[0].draws[0].reference_steps["adamw"] == 300 * share
    faster, _ = tried(soon(share / 2), soon(share), only=["mlp"])
    assert faster.rows[0].ratio("adamw") == pytest.approx(2, rel=0.1)


def test_more_than_twice_the_fewest_steps_of_a_reference_are_a_miss() -> None:
    within, _ = tried(soon(1), soon(0.5), only=["mlp"])
    assert within.rows[0].ratio("adamw") == MISSED
    assert not within.missed
    beyond, _ = tried(soon(1.02), soon(0.5), only=["mlp"])
    assert beyond.rows[0].ratio("adamw") == MISSED
    assert beyond.missed == ["mlp"]
    assert beyond.rows[0].draws[0].steps["adamw"] == 306, "kept, though it is a miss"


def test_a_file_of_a_fixed_length_counts_as_its_references_do() -> None:
    found, _ = tried(soon(0.6), soon(0.6), submission=FIXED, only=["mlp"], own_length=300)
    assert found.rows[0].ratio("adamw") == 1
    found, _ = tried(falling(1), falling(1), submission=FIXED, short=True)
    assert found.scores["adamw"].mean == 1


def test_a_reference_that_fails_needs_no_steps() -> None:
    found, _ = tried(falling(1), lambda *_: float("nan"), only=["mlp"])
    (draw,) = found.rows[0].draws
    assert draw.losses["adamw"] is None
    assert draw.reference_steps == {}


def test_in_an_older_record_a_reference_needs_its_whole_run() -> None:
    found, _ = tried(soon(0.5), soon(0.5), only=["mlp"])
    kept = found.to_json()
    del kept["rows"][0]["draws"][0]["reference_steps"]
    older = TransferRecord.from_json(kept)
    assert older.rows[0].ratio("adamw") == 2
    assert "A reference counts with its whole run" in transfer_section("mine", older).notes[0]
    assert "Both count with the best length" in transfer_section("mine", found).notes[0]


def test_a_schedule_for_fewer_steps_shows_that_it_is_faster() -> None:
    found, _ = tried(falling(2), falling(1))
    assert [row.ratio("muon") for row in found.rows] == pytest.approx([2, 2, 2])
    assert found.verdict == "on other tasks it needs fewer steps than AdamW"


def test_one_that_needs_twice_the_steps_is_no_miss_and_a_slower_one_is() -> None:
    found, _ = tried(falling(0.5), falling(1))
    assert [row.draws[0].steps["adamw"] for row in found.rows] == [
        2 * row.length for row in found.rows
    ]
    assert not found.missed
    slower, _ = tried(falling(0.49), falling(1))
    assert slower.scores["adamw"].mean == pytest.approx(MISSED)
    assert slower.specialist
    assert "misses AdamW's loss on mlp, tables, recurrent" in slower.verdict


def test_failing_on_one_workload_costs_and_is_named() -> None:
    fine, _ = tried(falling(1.4), falling(1))
    fails, _ = tried(falling(1.4), falling(1), failing=["tables"])
    assert fails.scores["adamw"].mean < fine.scores["adamw"].mean
    assert not fails.failed, "on the other workloads it ran"
    row = next(row for row in fails.rows if row.workload == "tables")
    assert row.ratio("adamw") == MISSED
    assert row.failure == "nonfinite: why"
    table = transfer_section("mine", fails).table
    assert table
    assert any("nonfinite: why" in line for line in table.rows)


def test_a_failure_at_one_length_is_a_miss_at_all() -> None:
    def fails_in_the_longest(procedure: Procedure, step: int) -> float:
        return falling(1)(procedure, step) if procedure.length != 600 else float("nan")

    found, _ = tried(fails_in_the_longest, falling(1), only=["mlp"])
    assert found.rows[0].failure == "nonfinite: why"
    assert found.rows[0].ratio("adamw") == MISSED


def test_one_that_fails_everywhere_has_failed_and_one_that_misses_has_not() -> None:
    assert tried(falling(1.4), falling(1), failing=NAMES)[0].failed
    assert not tried(falling(0.1), falling(1))[0].failed


steps = st.one_of(st.none(), st.integers(1, 200))


@given(st.lists(st.lists(steps, min_size=2, max_size=2), min_size=2, max_size=5), st.data())
def test_no_failure_can_raise_a_score(found: list[list[int | None]], data: st.DataObject) -> None:
    def record(of: list[list[int | None]]) -> TransferRecord:
        rows = [
            WorkloadRow(
                str(number), 100, 1.0, tuple(Draw("", {"adamw": 1.0}, {"adamw": it}) for it in row)
            )
            for number, row in enumerate(of)
        ]
        return TransferRecord("digest", "key", False, "cpu", tuple(rows), scores_of(rows))

    failed = data.draw(st.integers(0, len(found) - 1))
    worse = [[None, None] if number == failed else row for number, row in enumerate(found)]
    assert record(worse).scores["adamw"].mean <= record(found).scores["adamw"].mean * (1 + 1e-12)


def test_where_the_reference_fails_nothing_was_missed() -> None:
    draws = [Draw("", {"adamw": None}, {"adamw": None}) for _ in range(3)]
    row = WorkloadRow("mlp", 100, 1.0, tuple(draws))
    assert not row.missed
    missed = replace(draws[0], losses={"adamw": 1.0})
    assert replace(row, draws=(*draws, missed)).missed


def test_lengths_of_a_file_that_takes_max_steps() -> None:
    _, executor = tried(falling(1), falling(1), only=["mlp"])
    ours = [procedure for _, procedure, mine in executor.asked if mine]
    assert [it.steps for it in ours] == [round(300 * it) for it in LENGTHS]
    theirs = [procedure for _, procedure, mine in executor.asked if not mine]
    assert {it.steps for it in theirs} == {150, 210, 300}
    assert all(it.length == it.steps for it in theirs)
    assert all(it.length == it.steps for it in ours)
    _, executor = tried(falling(1), falling(1), only=["mlp"], short=True)
    assert [it.steps for _, it, mine in executor.asked if mine] == [38, 75, 150]


def test_a_file_of_a_fixed_length_meets_references_of_that_length() -> None:
    def diverges_later(procedure: Procedure, step: int) -> float:
        return 1.0 if step <= 250 else float("nan")

    found, executor = tried(
        diverges_later, lambda *_: 1.0, submission=FIXED, only=["mlp"], own_length=250
    )
    assert [it.steps for _, it, mine in executor.asked if mine] == [250, 500]
    assert {it.steps for _, it, mine in executor.asked if not mine} == {250}
    # beyond its own length it may do anything
    assert found.rows[0].failure == ""
    assert found.own_length == 250
    (note,) = transfer_section("mine", found).notes[1:]
    assert "the references have 250 steps on every workload" in note


def test_no_file_runs_for_more_steps_than_an_instance_has() -> None:
    found, executor = tried(falling(1), falling(1), submission=FIXED, only=["mlp"], own_length=5000)
    assert found.own_length == LONGEST
    assert max(it.steps or 0 for _, it, mine in executor.asked if not mine) == LONGEST
    assert transfer_command("mine.py", found).endswith(f" --length {LONGEST}")


def test_the_command_that_repeats_it_names_the_device() -> None:
    found, _ = tried(falling(1), falling(1), only=["mlp"], short=True)
    again = "autoresearch transfer mine.py --key key --draws 1 --short"
    assert transfer_command("mine.py", found) == again
    assert transfer_command("mine.py", replace(found, device="cuda")) == f"{again} --device cuda"


@pytest.mark.parametrize(
    ("only", "short", "size"),
    [
        (["mlp"], False, "1 workload, 1 held-out instance of each, full runs"),
        (["mlp", "tables"], True, "2 workloads, 1 held-out instance of each, a quarter"),
    ],
)
def test_a_section_says_only_what_its_table_has(only: list[str], short: bool, size: str) -> None:
    found, _ = tried(falling(1), falling(1), only=only, short=short)
    section = transfer_section("mine", found)
    assert size in section.text[0]
    assert ("those tuned for each workload" in section.notes[0]) is not short
    assert len(section.notes) == 1
    # an interval of two workloads spans many powers of ten
    assert all((score.low, score.high) == (None, None) for score in found.scores.values())


def test_runs_are_paired_on_instances_that_follow_from_the_key() -> None:
    _, first = tried(falling(1), falling(1), draws=2)
    _, again = tried(falling(1), falling(1), draws=2)
    assert first.asked == again.asked
    for name in ("mlp", "tables"):
        ours = {it for it, _, mine in first.asked if mine and it.track == name}
        theirs = {it for it, _, mine in first.asked if not mine and it.track == name}
        assert ours == theirs
        assert len(ours) == 2


def test_references_that_were_tuned_for_each_workload_can_be_left_out() -> None:
    both, _ = tried(falling(1), falling(1))
    assert [*both.scores] == ["adamw", "adamw per workload", "muon", "muon per workload"]
    general, _ = tried(falling(1), falling(1), per_workload=False)
    assert [*general.scores] == ["adamw", "muon"]


def test_a_record_is_read_back(tmp_path: Any) -> None:
    found, _ = tried(falling(1), falling(1))
    assert TransferRecord.from_json(found.to_json()) == found


def test_which_files_take_a_length() -> None:
    assert takes_length(ADAPTS)
    assert not takes_length(FIXED)
    other = "class Other:\n    def __init__(self, max_steps): ...\n"
    assert not takes_length(Submission(other + FIXED.source))
    assert not takes_length(Submission(FIXED.source + other))
    base = "class Base:\n    def __init__(self, params, max_steps=9): ...\n"
    assert takes_length(Submission(base + "class Submission(Base): ...\n"))
    own = "class Submission(Base):\n    def __init__(self, params): ...\n"
    assert not takes_length(Submission(base + own))
    keyword = "class Submission:\n    def __init__(self, params, *, max_steps): ...\n"
    assert takes_length(Submission(keyword))


def test_references_were_tuned_for_every_workload_and_keep_the_rules() -> None:
    for name in REFERENCES:
        assert set(NUMBERS[name]) == {"all", *NAMES}
    for workload in NAMES:
        found = references(workload, per_workload=True)
        assert len(found) == 2 * len(REFERENCES)
        for submission in found.values():
            assert takes_length(submission)
            assert not [it for it in check(submission) if it.level == "forbidden"]


MAX_STEPS_IN_LR = """
import torch

class Submission(torch.optim.SGD):
    def __init__(self, params, max_steps=400):
        if max_steps not in (20, 75):
            raise ValueError(f"max_steps is {max_steps}")
        super().__init__(params, lr=1e-3)
"""


@pytest.mark.processes
def test_the_constructor_gets_the_length_of_the_run(launcher: Launcher) -> None:
    executor = LocalExecutor(launcher, 1, None)
    instance = drawn_instance("mlp", "any")

    def run(length: int | None) -> Evaluation:
        procedure = Procedure(10, "fused", steps=20, length=length)
        return executor.submit(Submission(MAX_STEPS_IN_LR), instance, procedure).result()

    ended = run(20)
    assert ended.complete, ended.reason
    assert ended.max_steps == 20
    assert [step for step, _ in ended.curve] == [0, 10, 20]
    assert "max_steps is 30" in run(30).reason
    # without a length the file keeps its own
    assert "max_steps is 400" in run(None).reason
