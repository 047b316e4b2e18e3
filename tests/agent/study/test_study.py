"""The study loop and the ledger: exact budgets, no trial lost, none run twice."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.proposers.files import enqueue_file
from agent.search.climb import KILLED_PROCESSES
from agent.search.loop import search
from agent.search.sources import Sources
from agent.study.errors import UserError
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.records import Origin, Outcome, ProposalRecord, Status
from agent.study.settings import Overrides
from agent.study.study import Study
from agent.study.trial_locks import TrialLocks
from agent.study.trials import RunningTrial
from agent.study.workspace import Workspace
from helpers import ROOT, sources
from helpers.sources import with_step
from helpers.studies import SETTINGS, finish, table
from helpers.views import Recorder
from search_space.recipes import RECIPES
from search_space.sample import trial_params
from search_space.walk import can_sample
from tracks.evaluation import Evaluation, State
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.submission import Submission


def test_a_study_finishes_its_budget_recipes_first(launcher: Launcher, ledger: Ledger) -> None:
    study = ledger.create(None, SETTINGS)
    assert study.name == "mqar-1"
    view = finish(launcher, study)
    trials = study.finished()
    assert len(trials) == SETTINGS.budget
    labels = [trial.proposal.label for trial in trials]
    recipes = [name for name, spec in RECIPES.items() if can_sample(spec, "tables")]
    assert labels == recipes[: len(labels)]
    best = study.best()
    assert best is not None
    assert best.value == min(t.value for t in trials if t.value is not None)
    assert view.lines[0] == "searching: 0 of 6"
    for trial in trials:
        folder = study.trial_folder(trial.number)
        assert Submission((folder / "submission.py").read_text()).digest == (trial.proposal.digest)
        assert (folder / "curve.csv").read_text().startswith("step,accuracy\n0,")


def test_studies_that_begin_together_have_names_of_their_own(tmp_path: Path) -> None:
    def create(_: int) -> str:
        return Ledger(Workspace(tmp_path)).create(None, SETTINGS).name

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(create, range(4))) == ["mqar-1", "mqar-2", "mqar-3", "mqar-4"]


class EndsAtOnce:
    """Two evaluations at a time."""

    jobs, device = 2, "cpu"

    def __init__(self) -> None:
        self.begun = 0

    def submit(
        self, submission: object, instance: Any, procedure: Any, *_: object, **__: object
    ) -> "Future[Evaluation]":
        self.begun += 1
        future: Future[Evaluation] = Future()
        future.set_result(Evaluation(instance, State.CRASH, procedure, "made up"))
        return future


class Clock(Recorder):
    """Each trial that ends takes a second."""

    now_s = 0.0

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        self.now_s += 1.0


def test_no_trial_that_is_ready_begins_after_the_time_is_over(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor: Any = EndsAtOnce()
    clock = Clock()
    monkeypatch.setattr("agent.search.loop.time", SimpleNamespace(monotonic=lambda: clock.now_s))
    study = ledger.create(None, replace(SETTINGS, budget=9))
    search(study, executor, clock, max_time_s=2.0)
    assert executor.begun == len(study.finished()) == 2
    (ready,) = study.open_trials(Status.RUNNING)
    search(study, executor, clock, max_time_s=None)
    assert executor.begun == len(study.finished()) == 9
    assert ready.number in [trial.number for trial in study.finished()]


def test_an_interrupted_study_continues_as_if_it_had_not_been(
    launcher: Launcher, ledger: Ledger
) -> None:
    whole = ledger.create("whole", replace(SETTINGS, budget=14))
    finish(launcher, whole, jobs=1)
    parts = ledger.create("parts", replace(SETTINGS, budget=12))
    finish(launcher, parts, jobs=1)
    parts = Ledger(Workspace(Path.cwd())).open("parts")
    parts.set_budget(14)
    finish(launcher, parts, jobs=1)
    assert table(parts) == table(whole)


def test_trials_left_running_are_run_under_their_own_number(
    launcher: Launcher, ledger: Ledger
) -> None:
    study = ledger.create("killed", SETTINGS)
    enqueue_file(study, Submission(sources.GRADIENT_DESCENT, "mine.py"))
    asked = [study.ask(), study.ask()]  # the file, and one cut off in mid-sampling
    asked[1].optuna.suggest_float("start.used", 0.0, 1.0)
    finish(launcher, study)
    assert [trial.number for trial in study.finished()] == list(range(SETTINGS.budget))
    assert not study.open_trials(Status.RUNNING)
    assert study.finished()[0].proposal.label == "mine"


def test_a_proposal_is_not_run_twice(launcher: Launcher, ledger: Ledger) -> None:
    study = ledger.create("twice", SETTINGS)
    study.enqueue(trial_params(RECIPES["muon"], "tables"))
    study.enqueue(trial_params(RECIPES["muon"], "tables"))
    finish(launcher, study)
    everything = study.every_trial()
    duplicates = [trial for trial in everything if trial.duplicate]
    assert duplicates[0].outcome.reason == "same as trial 0"
    digests = [trial.proposal.digest for trial in study.finished()]
    assert len(digests) == len(set(digests)) == SETTINGS.budget


@pytest.mark.parametrize("other", ["parts", "ranges"])
def test_a_study_of_another_space_says_so(launcher: Launcher, ledger: Ledger, other: str) -> None:
    study = ledger.create("old", replace(SETTINGS, recipes=False))
    before = study.ask()
    if other == "parts":
        name = "direction but comp_muon, comp_muon_adaptive"
        before.optuna.suggest_categorical(name, ["normalised", "retired"])
    else:
        before.optuna.suggest_float("phases", 0.1, 1.0, log=True)
    before.keep_proposal(ProposalRecord(origin=Origin.SAMPLED, label="", digest="", spec=None))
    before.end(Outcome(state=State.CRASH))
    told = "study old began when the search space had other parts or ranges"
    with pytest.raises(UserError, match=told):
        finish(launcher, study, jobs=1)


def test_a_failed_trial_keeps_its_state_and_reason(launcher: Launcher, ledger: Ledger) -> None:
    study = ledger.create("failing", replace(SETTINGS, budget=2))
    for body in ("raise ValueError('boom')", "p = 1 / 0"):
        enqueue_file(study, Submission(with_step(body), "bad.py"))
    view = finish(launcher, study)
    first, second = (trial.outcome for trial in study.finished())
    assert (first.state, first.reason) == ("exception", "ValueError: boom")
    assert second.reason == "ZeroDivisionError: division by zero"
    assert study.best() is None
    assert any("boom" in line for line in view.lines)


@pytest.mark.processes
def test_submissions_that_kill_the_harness_do_not_stop_the_study(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    # in a stronger sandbox they cannot
    weak = (Level.RLIMITS, Level.RLIMITS)
    monkeypatch.setattr("agent.study.measurer.levels_for", lambda *_: weak)
    study = ledger.create("sabotage", SETTINGS)
    for number, source in enumerate(sources.SABOTEURS):
        enqueue_file(study, Submission(source, f"saboteur-{number}.py"))
    with Launcher() as launcher, LocalExecutor(launcher, 2, study.store) as executor:
        search(study, executor, Recorder(), None)
    outcomes = [trial.outcome for trial in study.finished()]
    assert [outcome.state for outcome in outcomes] == ["crash"] * 3 + ["complete"] * 3
    for outcome in outcomes[:3]:
        assert outcome.reason.startswith("it broke the evaluation processes 3 times")


def killed(study: Study, trial: RunningTrial) -> None:
    """What a process that works on a trial leaves behind when it is killed."""
    locks = TrialLocks(study)
    with locks.deciding():
        locks.take(trial)
    for _, file in locks._held.values():  # noqa: SLF001
        file.release()


def test_a_trial_that_takes_its_process_down_again_and_again_is_a_crash(
    launcher: Launcher, ledger: Ledger
) -> None:
    study = ledger.create("coordinator", replace(SETTINGS, budget=4, seed=1))
    guilty, beside = study.ask(), study.ask()
    for trial in (guilty, beside, guilty, guilty):
        killed(study, trial)
    finish(launcher, study)
    outcomes = [trial.outcome for trial in study.finished()]
    assert [outcome.state for outcome in outcomes] == ["crash", *["complete"] * 3]
    assert outcomes[0].reason == KILLED_PROCESSES


def test_an_answer_that_takes_its_process_down_again_and_again_is_a_crash(
    launcher: Launcher, ledger: Ledger
) -> None:
    study = ledger.create("gates", replace(SETTINGS, budget=1))
    trial = study.new_trial()
    trial.keep_source(Origin.LLM)
    for _ in range(3):
        killed(study, trial)
    model: Any = SimpleNamespace(model="m", is_asked=lambda claimed: True)
    search(
        study, LocalExecutor(launcher, 1, study.store), Recorder(), None, Sources("llm", [model])
    )
    outcomes = [trial.outcome for trial in study.finished()]
    assert [(o.state, o.reason) for o in outcomes] == [("crash", KILLED_PROCESSES)]


def test_the_budget_is_kept_while_trials_of_a_killed_process_wait(
    launcher: Launcher, ledger: Ledger
) -> None:
    study = ledger.create("waiting", replace(SETTINGS, budget=3, seed=1))
    for trial in [study.ask(), study.ask(), study.ask()]:
        killed(study, trial)
    finish(launcher, study)
    assert [trial.number for trial in study.finished()] == [0, 1, 2]
    assert all(trial.complete for trial in study.finished())
    assert not study.open_trials(Status.RUNNING)


def test_a_process_that_ends_by_itself_has_not_been_taken_down(ledger: Ledger) -> None:
    study = ledger.create("stopped", SETTINGS)
    trial = study.ask()
    for _ in range(3):
        with TrialLocks(study) as locks, locks.deciding():
            locks.take(trial)
    assert study.every_trial()[0].beginnings == 0


def test_trials_of_a_killed_process_are_taken_up_one_at_a_time(ledger: Ledger) -> None:
    study = ledger.create("suspects", SETTINGS)
    suspects = [study.ask(), study.ask()]
    innocent = study.ask()
    for trial in suspects:
        killed(study, trial)
    with TrialLocks(study) as locks:
        left = {trial.number: trial for trial in locks.abandoned()}
        assert all(locks.may_take(trial) for trial in left.values())
        locks.take(suspects[0])
        assert not locks.may_take(left[suspects[1].number])
        assert locks.may_take(left[innocent.number])
        locks.release(suspects[0].number)
        assert locks.may_take(left[suspects[1].number])


def test_overrides_are_kept_for_the_next_time(ledger: Ledger) -> None:
    study = ledger.create("overrides", SETTINGS)
    assert study.override(commit=False, name=None) == Overrides(commit=False)
    again = ledger.open("overrides").override(commit=None, name="x")
    assert again == Overrides(commit=False, name="x") == ledger.open("overrides").overrides


def test_time_up_means_no_new_trials(launcher: Launcher, ledger: Ledger) -> None:
    study = ledger.create("late", SETTINGS)
    finish(launcher, study, max_time_s=0.0)
    assert study.finished() == []


def test_a_search_ends_at_a_plateau_where_it_has_a_patience(
    launcher: Launcher, ledger: Ledger
) -> None:
    study = ledger.create("flat", replace(SETTINGS, budget=30))
    study.override(patience=2)
    view = finish(launcher, study, jobs=1)
    best, last = study.best(), study.finished()[-1]
    assert best
    assert last.number == best.number + 2
    assert f"no better trial in 2 after {best.name}: search ends" in view.lines
    finish(launcher, study, jobs=1)
    assert study.finished()[-1].number == last.number


def test_a_budget_that_no_search_fits_in_is_warned_of(ledger: Ledger) -> None:
    recipes = sum(can_sample(spec, "tables") for spec in RECIPES.values())
    for budget, known, warns in ((recipes, True, True), (recipes + 1, True, False),
                                 (10, False, True), (11, False, False)):  # fmt: skip
        settings = replace(SETTINGS, budget=budget, recipes=known)
        warning = Sources().warning(ledger.create(f"{budget}-{known}", settings))
        assert bool(warning) is warns
        assert (f"{recipes} recipes" in warning) is (warns and known)
    assert not Sources("external").warning(ledger.create("external", SETTINGS))


def test_an_evaluation_is_never_made_twice(launcher: Launcher, ledger: Ledger) -> None:
    first = ledger.create("first", SETTINGS)
    finish(launcher, first)
    stored = sorted(Path("runs/evaluations").rglob("*.json"))
    times = [path.stat().st_mtime_ns for path in stored]
    second = ledger.create("second", SETTINGS)
    finish(launcher, second)
    assert table(second)[:4] == table(first)[:4]
    assert [path.stat().st_mtime_ns for path in stored] == times


def test_one_process_at_a_time_runs_a_study(ledger: Ledger) -> None:
    study = ledger.create("mine", SETTINGS)
    again = ledger.open("mine")
    with study.locked():
        assert again.is_locked()
        with (
            pytest.raises(UserError, match=r"study mine is being run by process \d+"),
            again.locked(),
        ):
            pass
    assert not again.is_locked()


@pytest.mark.parametrize("name", ["../escape", "", "a b", "x" * 65, "-dash"])
def test_study_names_are_plain(ledger: Ledger, name: str) -> None:
    with pytest.raises(UserError, match="study name"):
        ledger.create(name, SETTINGS)


def test_a_name_is_taken_once(ledger: Ledger) -> None:
    ledger.create("taken", SETTINGS)
    with pytest.raises(UserError, match="exists already; continue with --resume taken"):
        ledger.create("taken", SETTINGS)
    assert ledger.create(None, SETTINGS).name == "mqar-1"
    assert ledger.create(None, SETTINGS).name == "mqar-2"


def test_an_unknown_study_is_told_with_those_there_are(ledger: Ledger) -> None:
    with pytest.raises(UserError, match="no study named 'x'; there are: none yet"):
        ledger.open("x")


def test_the_packaged_baseline_is_there() -> None:
    assert (ROOT / "submissions" / "adamw" / "submission.py").exists()
