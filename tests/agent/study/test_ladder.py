"""The fidelity ladder: who climbs, what is recorded, and what an interruption leaves."""

import random
import re
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from agent.proposers import sampled
from agent.proposers.files import enqueue_file
from agent.proposers.repeatable_sampler import RepeatableSampler
from agent.report.data import Report
from agent.report.markdown import study_report
from agent.search.loop import search
from agent.study.ladder import from_screen, goes_on, ladder, submission_for
from agent.study.ledger import Ledger
from agent.study.proposal import Proposal
from agent.study.records import Ending, Outcome
from agent.study.rung_pruner import RungPruner
from agent.study.workspace import Workspace
from helpers import sources
from helpers.sources import scaling, with_step
from helpers.studies import SETTINGS, finish, table
from helpers.views import Recorder
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.base import Proxy
from tracks.evaluation import Evaluation, State
from tracks.instance import OFFICIAL_SEEDS
from tracks.isolation.launcher import Launcher
from tracks.registry import all_tracks, get_track
from tracks.submission import Submission

CLIMBING = replace(SETTINGS, ladder=get_track("mqar").proxies["small"], budget=10)


@pytest.fixture
def ledger_of_ladders(workspace_folder: Path) -> Ledger:
    return Ledger(Workspace(workspace_folder))


def test_the_best_third_goes_on() -> None:
    assert goes_on(5.0, [], 1 / 3)
    assert goes_on(1.0, [2.0, 3.0], 1 / 3)
    assert not goes_on(2.0, [1.0, 3.0], 1 / 3)
    assert goes_on(2.0, [1.0, 3.0, 4.0], 1 / 3)
    assert goes_on(1.0, [1.0, 1.0], 1 / 3), "equals share a place"


def test_a_decision_can_be_repeated() -> None:
    study = optuna.create_study(pruner=RungPruner([0.5, 0.5]))
    for value in (3.0, 1.0):
        trial = study.ask()
        trial.report(value, 0)
        study.tell(trial, state=TrialState.PRUNED)
    trial = study.ask()
    assert not trial.should_prune(), "nothing was reported"
    trial.report(2.0, 0)
    assert [trial.should_prune() for _ in range(3)] == [False] * 3
    trial.report(9.0, 1)
    assert not trial.should_prune(), "the first at its rung"
    assert study.get_trials()[-1].state == TrialState.RUNNING
    strict = RungPruner([1.0, 0.3])
    late = study.ask()
    late.report(99.0, 0)
    assert not strict.prune(study, study.get_trials()[-1])
    late.report(99.0, 1)
    assert strict.prune(study, study.get_trials()[-1]), "a running one has been there before"
    worst = study.ask()
    worst.report(4.0, 0)
    assert [worst.should_prune() for _ in range(3)] == [True] * 3


def test_proxies_are_smaller_fresh_and_of_the_study() -> None:
    for track in all_tracks().values():
        for scale, proxies in track.proxies.items():
            settings = replace(CLIMBING, track=track.name, scale=scale, ladder=proxies)
            rungs = ladder(settings)
            assert [rung.scale for rung in rungs] == [*(p.scale for p in proxies), scale]
            assert rungs[-1].instance.official
            assert all(rung.instance.seeds != OFFICIAL_SEEDS for rung in rungs[:-1])
            other = ladder(replace(settings, seed=1))
            assert rungs[0].instance != other[0].instance
            assert ladder(replace(settings, ladder=())) == rungs[-1:]
            work = [track.scales[rung.scale].work for rung in rungs]
            assert work == sorted(set(work))


@pytest.mark.parametrize(
    ("recipes", "screen", "expected"),
    [
        (True, 8, [("three_eighths", 1 / 3), ("short", 1 / 4)]),
        (False, 8, [("short", 1.0)]),
        (False, 1, [("three_eighths", 1 / 3), ("short", 1 / 4)]),
    ],
)
def test_a_trial_begins_at_its_screen_which_stops_none_that_was_chosen_there(
    recipes: bool, screen: int, expected: list[tuple[str, float]]
) -> None:
    whole = get_track("random_teacher").proxies["full"]
    about = {"track": "random_teacher", "scale": "full", "ladder": whole}
    study = replace(SETTINGS, **about, recipes=recipes, screen=screen, objective="final")
    assert [(rung.scale, rung.keep) for rung in from_screen(study)] == expected


def test_a_spec_is_rendered_for_the_length_of_each_rung() -> None:
    spec = RECIPES["lion"]
    rung = replace(ladder(CLIMBING)[0], max_steps=7)
    proposal = Proposal(Submission(render(spec, 80)), "recipe", "lion", spec)
    assert "max_steps: int = 7)" in submission_for(proposal, rung).source
    code = Proposal(Submission(sources.GRADIENT_DESCENT), "file", "mine")
    assert submission_for(code, rung) is code.submission


def test_most_trials_end_below_and_the_best_is_from_the_top(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    study = ledger_of_ladders.create("ladder", CLIMBING)
    finish(launcher, study)
    trials = study.finished()
    assert [trial.number for trial in trials] == list(range(CLIMBING.budget))
    pruned = [trial for trial in trials if trial.outcome.state == Ending.PRUNED]
    complete = [trial for trial in trials if trial.complete]
    assert len(pruned) >= 3
    assert complete
    stored = study.optuna.get_trials()
    for trial in pruned:
        outcome = trial.outcome
        assert outcome.scale == "tiny"
        assert set(outcome.rungs) == {"tiny"}
        assert outcome.score is None
        assert stored[trial.number].state == TrialState.PRUNED
    for trial in complete:
        assert trial.outcome.scale == "small"
        assert stored[trial.number].intermediate_values == {0: trial.outcome.rungs["tiny"]}
    best = study.best()
    assert best is not None
    assert best.number in {trial.number for trial in complete}
    data = Report(study).to_json()
    assert data["pruned"] == {"tiny": len(pruned)}
    assert data["complete"] + len(pruned) + sum(data["failed"].values()) == CLIMBING.budget
    assert f"pruned: {len(pruned)} at tiny" in study_report(Report(study))
    assert not {row["trial"] for row in data["failures"]} & {trial.number for trial in pruned}


def test_an_interrupted_climb_ends_as_it_would_have(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    whole = ledger_of_ladders.create("whole", CLIMBING)
    finish(launcher, whole, jobs=1)
    parts = ledger_of_ladders.create("parts", replace(CLIMBING, budget=6))
    finish(launcher, parts, jobs=1)
    # the next trial was killed after it had reported its first rung
    number = len(parts.finished())
    parts.optuna.sampler = RepeatableSampler("tpe", CLIMBING.seed)
    trial = parts.ask()
    sampled.propose(trial, "tables", 80)
    expected = whole.optuna.get_trials()[number]
    trial.optuna.report(expected.intermediate_values[0], 0)
    parts = Ledger(Workspace(Path.cwd())).open("parts")
    parts.set_budget(CLIMBING.budget)
    finish(launcher, parts, jobs=1)
    assert table(parts) == table(whole)


def test_code_without_a_spec_gets_its_full_run_at_once(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    study = ledger_of_ladders.create("files", replace(CLIMBING, budget=1))
    enqueue_file(study, Submission(sources.GRADIENT_DESCENT, "mine.py"))
    finish(launcher, study)
    assert study.finished()[0].outcome.rungs == {}
    assert study.finished()[0].complete


def test_the_sampler_learns_from_what_diverged(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    study = ledger_of_ladders.create("diverging", replace(CLIMBING, budget=2))
    for body in (scaling("float('nan')"), "raise ValueError('boom')"):
        enqueue_file(study, Submission(with_step(body), "bad.py"))
    finish(launcher, study)
    stored = study.optuna.get_trials()
    states = [stored[trial.number].state for trial in study.finished()]
    assert states == [TrialState.PRUNED, TrialState.FAIL]
    assert Report(study).to_json()["failed"] == {"nonfinite": 1, "exception": 1}


def test_random_search_asks_no_model(launcher: Launcher, ledger_of_ladders: Ledger) -> None:
    settings = replace(CLIMBING, sampler="random", recipes=False, budget=4)
    study = ledger_of_ladders.create("random", settings)
    finish(launcher, study)
    assert {t.proposal.origin for t in study.finished()} == {"sampled"}
    again = ledger_of_ladders.create("tpe", replace(settings, sampler="tpe"))
    finish(launcher, again)
    assert len(again.finished()) == 4


class Known:
    """An executor whose evaluations are a function of the submission's numbers and the scale."""

    jobs = 1

    def submit(self, submission, instance, procedure, on_step):  # type: ignore[no-untyped-def]
        numbers = re.findall(r"= (\S+)  #", submission.source)
        value = random.Random(" ".join([*numbers, instance.scale])).random()
        future: Future[Evaluation] = Future()
        future.set_result(
            Evaluation(instance, State.COMPLETE, procedure, curve=((0, 9.0), (400, value)),
                       duration_s=1.0, max_steps=400)
        )  # fmt: skip
        return future


@pytest.mark.slow
def test_a_kill_after_any_report_changes_nothing(
    ledger_of_ladders: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = get_track("random_teacher")
    settings = replace(
        CLIMBING, track=track.name, objective="final", scale="full", recipes=False, budget=6,
        ladder=(Proxy("quarter", 0.3), Proxy("half", 0.3)),
    )  # fmt: skip

    def outcomes(name: str) -> list[tuple[int, bool, Outcome]]:
        trials = ledger_of_ladders.open(name).finished()
        return [(t.number, t.complete, t.outcome) for t in trials]

    prune = RungPruner.prune
    study = ledger_of_ladders.create("whole", settings)
    search(study, Known(), Recorder(), None)  # type: ignore[arg-type]
    whole = outcomes("whole")
    reports = sum(len(o.rungs) for _, _, o in whole)
    assert {o.scale for _, _, o in whole} == {"quarter", "half", "full"}
    for killed_at in range(reports):
        study = ledger_of_ladders.create(f"killed-{killed_at}", settings)
        decisions = iter(range(killed_at))

        def dying(pruner: RungPruner, *arguments: Any, left: Any = decisions) -> bool:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return prune(pruner, *arguments)

        monkeypatch.setattr(RungPruner, "prune", dying)
        with pytest.raises(KeyboardInterrupt):
            search(study, Known(), Recorder(), None)  # type: ignore[arg-type]
        monkeypatch.setattr(RungPruner, "prune", prune)
        study = ledger_of_ladders.open(study.name)
        search(study, Known(), Recorder(), None)  # type: ignore[arg-type]
        assert outcomes(study.name) == whole


def test_settings_are_read_back_as_they_were(ledger_of_ladders: Ledger) -> None:
    assert ledger_of_ladders.create("new", CLIMBING).settings == CLIMBING
    assert ledger_of_ladders.open("new").settings == CLIMBING
