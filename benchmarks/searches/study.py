"""One search of the benchmark: an arm, measured trial by trial."""

import time
import warnings
from pathlib import Path

from agent.search.screening import Screening
from agent.study.evaluation_store import EvaluationStore
from agent.study.executor import Executor
from agent.study.local_executor import LocalExecutor
from agent.study.samplers import SCREENED
from agent.study.settings import Settings
from search_space.render import render
from searches.arms import ARMS
from searches.cases import Case
from searches.outcome import Outcome, Row, Search, write
from tracks.evaluation import DIVERGING
from tracks.instance import official_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import search_procedure
from tracks.registry import get_track
from tracks.submission import Submission

Job = tuple[str, Case, int]
"""An arm by name, what it searches on, and a seed."""


def measure(job: Job, folder: Path, ends: float) -> str:
    """Measure one search and keep it, unless the time is over; returns a line about it."""
    arm, on, seed = job
    name = f"{on.name} {arm} seed {seed}"
    if time.monotonic() >= ends:
        return f"{name}: left for the next call"
    warnings.simplefilter("ignore")
    store = EvaluationStore(folder / "evaluations")
    with Launcher() as launcher, LocalExecutor(launcher, 1, store) as executor:
        found = search(executor, arm, on, seed)
    write(found, folder)
    return f"{name}: {found.best(on.trials)}"


def search(executor: Executor, arm: str, on: Case, seed: int) -> Search:
    """The search of one seed; strictly one trial after the other, so that it repeats."""
    track, trials = get_track(on.track), on.trials
    instance, steps = official_instance(on.track, on.scale), track.scales[on.scale].max_steps
    procedure = search_procedure(track, track.objective)
    begun = time.process_time()
    settings = Settings(
        on.track, track.objective, trials, seed, 0, on.scale, screen=SCREENED, recipes=False
    )
    screening = Screening(executor, settings, on.screen)
    proposer = ARMS[arm](seed, track.structure, trials, screening)
    rows = []
    for _ in range(trials):
        screening.spent_s = 0.0
        spec = proposer.propose()
        own_s = time.process_time() - begun
        evaluation = executor.submit(Submission(render(spec, steps)), instance, procedure).result()
        value = evaluation.rank(track.objective) if evaluation.complete else None
        begun = time.process_time()
        proposer.learn(Outcome(value, ranked_last=evaluation.state in DIVERGING))
        measured_s = screening.spent_s + evaluation.duration_s
        rows.append(Row(value, measured_s, own_s, spec.to_json()))
    return Search(arm, on.track, on.scale, seed, tuple(rows))
