"""Screening: which candidate becomes the trial, and that a resumed study screens the same."""

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial

import optuna
import pytest
from optuna.trial import create_trial

from agent.knowledge.tried import parts_in
from agent.proposers.diversity import COPY, in_common, is_copy
from agent.proposers.proposer import FAILED, Seen, ranked
from agent.proposers.samplers import make_sampler
from agent.proposers.spec_sampler import CANDIDATES, PROPOSED_BY, SpecSampler
from agent.search.screening import Screening
from agent.study.bounds import Bounds
from agent.study.executor import Executor
from agent.study.ladder import ladder, submission_for
from agent.study.proposal import Proposal
from agent.study.records import Origin
from agent.study.remembered import remembered
from agent.study.samplers import FIRST_DRAWS, ROUNDS, SamplerName, turns
from agent.study.settings import Settings
from agent.study.task import Task
from agent.study.trial_table import OUTCOME
from helpers.views import Recorder
from search_space.render import render
from search_space.sample import random_specs, sample_spec, trial_params
from search_space.spec import Spec, make_spec
from tracks.base import Proxy
from tracks.evaluation import Evaluation, State
from tracks.procedure import search_procedure
from tracks.registry import get_track
from tracks.submission import Submission

TURNS = turns(searched=True)


class Choosing(Recorder):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def choosing(self, line: str) -> None:
        self.told.append(line)


class Told(Executor):
    """Ends evaluations with these accuracies in order; None is a failed one."""

    jobs, gpu_s = 1, 0.0

    def __init__(self, *accuracies: float | None) -> None:
        super().__init__("cpu", None, Bounds())
        self.accuracies, self.tasks = list(accuracies), list[Task]()

    def _begin(self, key: str, task: Task) -> Future[Evaluation]:
        self.tasks.append(task)
        found = self.accuracies.pop(0)
        state = State.NONFINITE if found is None else State.COMPLETE
        curve = () if found is None else ((80, found),)
        ended: Future[Evaluation] = Future()
        ended.set_result(
            Evaluation(
                task.instance, state, task.procedure, curve=curve, max_steps=80, duration_s=2.0
            )
        )
        return ended

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("accuracies", "chosen"),
    [((0.2, 0.9, 0.5), 1), ((None, 0.1, None), 1), ((0.5, 0.5, 0.4), 0), ((None, None, None), 0)],
)
def test_the_best_at_the_small_scale_is_chosen(
    accuracies: Sequence[float | None], chosen: int
) -> None:
    specs, executor = random_specs(3, 0, "tables"), Told(*accuracies)
    settings = Settings("mqar", "final", 50, 7, 13, "full", screen=3, recipes=False)
    view = Choosing()
    screening = Screening(executor, settings, "tiny", view)
    assert not screening.searched, "tiny is no rung of the whole track"
    assert ranked(screening.measured(specs))[0].spec is specs[chosen]
    instances = {task.instance for task in executor.tasks}
    assert [(one.scale, one.official) for one in instances] == [("tiny", False)]
    assert screening.spent_s == 6.0
    assert view.told[1] == "choosing the next trial: 1 of 3 candidates measured"
    assert view.told[3:] == [""]


class Planted:
    """Measures specs by a made-up rule: the fewer parts that are not neutral, the better.

    Where it is `blind`, all are as good.
    """

    count, blind, searched = 4, False, True

    def __init__(self) -> None:
        self.asked: list[int] = []

    def measured(self, specs: Sequence[Spec]) -> list[Seen]:
        self.asked.append(len({spec.identifier for spec in specs}))
        return [Seen(spec, (0.0, 1.0 if self.blind else parts(spec))) for spec in specs]


def parts(spec: Spec) -> float:
    """How many there are, and a fraction by which no two specs are equal."""
    in_use = len(spec.run.in_use()) + sum(len(phase.in_use()) for phase in spec.phases)
    return in_use + int(spec.identifier, 16) / 16 ** len(spec.identifier)


def searched(name: SamplerName, screen: Planted, trials: int) -> optuna.Study:
    """Of which trials teach nothing: all have one result."""
    study = optuna.create_study(sampler=make_sampler(name, 3, "tables", screen))
    asked(study, trials)
    return study


def spec_of(trial: optuna.trial.FrozenTrial) -> Spec:
    return sample_spec(optuna.trial.FixedTrial(trial.params), "tables")


def asked(study: optuna.Study, trials: int) -> None:
    for _ in range(trials):
        trial = study.ask()
        assert sample_spec(trial, "tables")
        study.tell(trial, 1.0)


@pytest.mark.parametrize("name", ["forest", "parzen", "evolution", "bandit"])
def test_every_sampled_trial_is_screened(name: SamplerName) -> None:
    screen = Planted()
    study = searched(name, screen, FIRST_DRAWS + TURNS)
    assert min(screen.asked) > 1
    assert len(screen.asked) == ROUNDS * (FIRST_DRAWS + 1) + TURNS - 1
    known = set[str]()
    for trial in study.trials:
        kept = [(value, spec) for spec, _, value, _ in trial.system_attrs[CANDIDATES]]
        known |= {make_spec(spec).identifier for _, spec in kept}
        spec = sample_spec(optuna.trial.FixedTrial(trial.params), "tables")
        if trial.number < FIRST_DRAWS or trial.number % TURNS == 1:
            assert spec.identifier in known, "of any trial"
        else:
            assert (parts(spec), spec.to_json()) == min(kept, key=lambda one: one[0])


def test_candidates_that_fail_as_trials_are_no_longer_parents() -> None:
    sampler = make_sampler("forest", 3, "tables", Planted())
    assert isinstance(sampler, SpecSampler)
    study = optuna.create_study(sampler=sampler)
    failed = list[Spec]()
    for _ in range(FIRST_DRAWS + 1):
        trial = study.ask()
        failed.append(sample_spec(trial, "tables"))
        trial.report(1.0, 0)
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    assert sampler._candidates.tried == [Seen(spec, FAILED) for spec in failed[:-1]]  # noqa: SLF001


def test_a_trial_that_runs_has_not_failed() -> None:
    sampler = make_sampler("forest", 3, "tables", Planted())
    assert isinstance(sampler, SpecSampler)
    study = optuna.create_study(sampler=sampler)
    runs = sample_spec(study.ask(), "tables")
    sample_spec(study.ask(), "tables")
    (seen,) = sampler._candidates.tried  # noqa: SLF001
    assert seen.spec == runs
    assert seen.place != FAILED


def test_a_trial_of_three_learns_from_candidates() -> None:
    screen = Planted()
    study = searched("forest", screen, FIRST_DRAWS + 30)
    specs = [sample_spec(optuna.trial.FixedTrial(t.params), "tables") for t in study.trials]
    later = range(FIRST_DRAWS + 12, len(specs))
    screened = {t.number: [row[2] for row in t.system_attrs[CANDIDATES]] for t in study.trials}
    taught = [value for n in later if n % TURNS == 1 for value in screened[n]]
    others = [value for n in later if n % TURNS != 1 for value in screened[n]]
    assert sum(taught) / len(taught) < 0.7 * sum(others) / len(others)
    turns = [specs[n].identifier for n in later if n % TURNS == 1]
    assert len(set(turns)) == len(turns), "a candidate becomes a trial once"


def test_a_screen_that_ranks_no_longer_is_asked_no_more_than_for_a_trial() -> None:
    screen = Planted()
    screen.blind = True
    study = searched("forest", screen, FIRST_DRAWS + TURNS)
    assert len(screen.asked) == ROUNDS + FIRST_DRAWS + TURNS - 1
    screened = [len(trial.system_attrs[CANDIDATES]) for trial in study.trials]
    assert screened == [4 * ROUNDS] + [4] * (FIRST_DRAWS + TURNS - 1)


def test_a_screen_that_is_not_searched_gives_the_best_of_several() -> None:
    screen = Planted()
    screen.searched = False
    study = searched("forest", screen, FIRST_DRAWS + TURNS)
    assert len(screen.asked) == FIRST_DRAWS + TURNS
    for trial in study.trials:
        spec = sample_spec(optuna.trial.FixedTrial(trial.params), "tables")
        assert parts(spec) == min(value for _, _, value, _ in trial.system_attrs[CANDIDATES])


def test_the_best_of_several_is_no_copy_of_a_trial() -> None:
    """The screen counts parts by fours, so that most have the result of another."""

    class Coarse(Planted):
        searched = False

        def measured(self, specs: Sequence[Spec]) -> list[Seen]:
            return [Seen(spec, (0.0, float(parts(spec) // 4))) for spec in specs]

    study, avoided = searched("evolution", Coarse(), FIRST_DRAWS + 20), 0
    tried = list[Seen]()
    for trial in study.trials:
        rows = trial.system_attrs[CANDIDATES]
        measured = [Seen(make_spec(spec), (0.0, value)) for spec, _, value, _ in rows]
        new = [one for one in measured if not any(is_copy(one, of) for of in tried)]
        chosen = next(one for one in measured if one.spec == spec_of(trial))
        assert chosen == ranked(new or measured)[0]
        avoided += chosen != ranked(measured)[0]
        tried.append(chosen)
    assert avoided


@pytest.mark.parametrize(
    ("scale", "recipes", "searched"),
    [("full", False, True), ("full", True, False), ("half", False, False)],
)
def test_a_rung_is_searched_where_no_recipe_is_known(
    scale: str, recipes: bool, searched: bool
) -> None:
    settings = Settings("random_teacher", "final", 50, 7, 13, scale, recipes=recipes)
    assert Screening(Told(), settings, "three_eighths").searched == searched


def test_a_rung_that_is_the_screen_asks_for_what_is_known() -> None:
    """Its evaluation is taken from the store."""
    proxies = (Proxy("half", 0.25),)
    settings = Settings("random_teacher", "final", 50, 7, 13, "full", ladder=proxies, screen=8)
    executor, spec = Told(0.5, 0.5), random_specs(1, 0, "attention")[0]
    Screening(executor, settings, "half").measured([spec])
    rung, track = ladder(settings)[0], get_track("random_teacher")
    proposal = Proposal(Submission(render(spec, 1)), Origin.SAMPLED, spec.label, spec)
    executor.submit(submission_for(proposal, rung), rung.instance, search_procedure(track, "final"))
    assert executor.tasks[0] == executor.tasks[1]


def assert_same_resumed(trials: int, left: int) -> None:
    """A study whose last trials another process draws has the same ones."""
    whole = searched("forest", Planted(), trials)
    cut = searched("forest", Planted(), trials - left)
    # another process, which has only what the storage has
    cut.sampler = make_sampler("forest", 3, "tables", Planted())
    asked(cut, left)
    assert [t.params for t in cut.trials] == [t.params for t in whole.trials]


def test_candidates_are_learned_from_after_an_interruption() -> None:
    assert_same_resumed(FIRST_DRAWS + 6, 3)


def test_a_long_study_that_is_resumed_knows_the_same_trials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = partial(remembered, most=8)
    monkeypatch.setattr("agent.proposers.spec_sampler.remembered", few)
    assert_same_resumed(FIRST_DRAWS + 9, 6)


def test_a_duplicate_has_not_failed() -> None:
    sampler = make_sampler("forest", 3, "tables", Planted())
    assert isinstance(sampler, SpecSampler)
    study = optuna.create_study(sampler=sampler)
    asked(study, FIRST_DRAWS)
    study.enqueue_trial(study.trials[0].params)
    again = study.ask()
    assert sample_spec(again, "tables") == spec_of(study.trials[0])
    again.set_user_attr(OUTCOME, {"state": "duplicate"})
    study.tell(again, state=optuna.trial.TrialState.FAIL)
    asked(study, 1)
    tried = sampler._candidates.tried  # noqa: SLF001
    assert [one.place for one in tried] == [(0.0, 1.0)] * FIRST_DRAWS


def test_a_trial_that_was_killed_screens_the_same() -> None:
    """The killed process has kept candidates with it; its turn is to learn from all others."""
    assert FIRST_DRAWS % TURNS == 1
    whole, cut = (searched("forest", Planted(), FIRST_DRAWS) for _ in range(2))
    asked(whole, 1)
    killed = cut.ask()
    killed.suggest_float("averaging.used", 0.0, 1.0)
    cut.sampler = make_sampler("forest", 3, "tables", Planted())
    assert sample_spec(optuna.Trial(cut, killed._trial_id), "tables")  # noqa: SLF001
    kept = [study.trials[-1].system_attrs[CANDIDATES] for study in (whole, cut)]
    assert kept[0] == kept[1]
    assert spec_of(cut.trials[-1]) == spec_of(whole.trials[-1])


def test_a_copy_of_a_recipe_is_passed_over() -> None:
    """Recipes are queued, and so never candidates: the screen measures them first."""

    class Same(Planted):
        """All specs of the parts of `recipe` have one result, the best."""

        searched = False
        seen: list[Spec]

        def measured(self, specs: Sequence[Spec]) -> list[Seen]:
            self.seen += specs
            values = [0.0 if is_like(spec) else parts(spec) for spec in specs]
            return [Seen(spec, (0.0, value)) for spec, value in zip(specs, values, strict=True)]

    recipe = random_specs(1, 5, "tables")[0]

    def is_like(spec: Spec) -> bool:
        return in_common(parts_in(spec), parts_in(recipe)) > COPY

    screen = Same()
    screen.seen = []
    study = optuna.create_study(sampler=make_sampler("evolution", 3, "tables", screen))
    study.enqueue_trial(trial_params(recipe, "tables"))
    asked(study, FIRST_DRAWS + 12)
    assert screen.seen[0] == recipe
    assert recipe not in screen.seen[1 : 1 + Planted.count]
    tried = [spec_of(trial) for trial in study.trials]
    likes = [number for number, spec in enumerate(tried) if is_like(spec)]
    proposed = sum(is_like(spec) for spec in screen.seen)
    assert likes == [0], "the recipe alone"
    assert proposed > 4, "although more were proposed"


def test_the_bandit_pays_for_what_a_proposer_made_alone() -> None:
    """The first trials are drawn from the prior, and one of three is of all candidates."""
    study = searched("bandit", Planted(), FIRST_DRAWS + 2 * TURNS)
    made = [trial.number for trial in study.trials if PROPOSED_BY in trial.system_attrs]
    assert made == [n for n in range(FIRST_DRAWS, FIRST_DRAWS + 2 * TURNS) if n % TURNS != 1]


def test_candidates_of_another_space_are_left_out() -> None:
    study = searched("forest", Planted(), FIRST_DRAWS)
    gone = [[{"phases": [{"direction": {"part": "gone"}}]}, 0.0, 1.0]]
    study.add_trial(create_trial(value=1.0, system_attrs={CANDIDATES: gone}))
    asked(study, TURNS)
    assert len(study.trials) == FIRST_DRAWS + 1 + TURNS
