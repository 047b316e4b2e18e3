"""Tune the references of `autoresearch transfer`: 50 trials each, on draws of a seed of its own.

A trial is one setting on every workload. Its value is the mean over workloads of the log of its
final loss over that of the first trial, so that each workload counts as much; the best trial is the
setting for all workloads, and the best of each workload is its own. It prints the table that
`agent/verdict/references/numbers.py` keeps, and takes twenty minutes on two cores.
"""

import argparse
import json
import math
from collections.abc import Iterator, Mapping
from pprint import pformat

import optuna

from agent.cli.machine import CpuMachine, measuring
from agent.study.executor import Executor
from agent.study.progress import View
from agent.verdict.comparison import run_each
from agent.verdict.references.files import REFERENCES, reference
from tracks.instance import drawn_instance
from tracks.procedure import Procedure
from tracks.registry import workloads

TRIALS, DRAWS, SEED = 50, 2, 0
DRAWN_FROM = "tuning of the references"
SCHEDULE = {"WARMUP": (0.01, 0.2, True), "COOLDOWN": (0.2, 1.0, False)}
ADAM = {"BETA1": (0.05, 0.5, True), "BETA2": (0.003, 0.3, True), "DECAY": (1e-4, 1.0, True)}
"""Ranges, and whether they are logarithmic; of a beta, that of 1 - beta."""
RANGES: Mapping[str, Mapping[str, tuple[float, float, bool]]] = {
    "adamw": {"LR": (1e-3, 0.1, True), **ADAM, **SCHEDULE},
    "muon": {
        "LR": (3e-3, 0.3, True),
        "MOMENTUM": (0.02, 0.3, True),
        "ADAM_LR": (1e-3, 0.1, True),
        **ADAM,
        **SCHEDULE,
    },
}
COMPLEMENTS = {"BETA1", "BETA2", "MOMENTUM"}
WORST = 3.0
"""Log of the ratio of a run that fails."""
Numbers = dict[str, float]


def asked(trial: optuna.Trial, family: str) -> Numbers:
    """Numbers to try, in three digits."""
    found = {}
    for name, (low, high, log) in RANGES[family].items():
        value = trial.suggest_float(name, low, high, log=log)
        found[name] = float(f"{1 - value if name in COMPLEMENTS else value:.3g}")
    return found


def losses(executor: Executor, view: View, family: str, numbers: Numbers) -> dict[str, float]:
    """Mean log of the final loss, by workload; infinite where a run failed."""
    submission = reference(family, tuple(numbers.items()))
    view.phase(family, DRAWS * len(workloads()))
    runs = [
        (
            (f"{family} {it.name}", submission, drawn_instance(it.name, f"{DRAWN_FROM} {draw}")),
            Procedure(it.length, "fused", False, True, steps=it.length, length=it.length),
        )
        for it in workloads()
        for draw in range(DRAWS)
    ]
    ended = iter(run_each(executor, view, runs, "final"))
    logs = {it.name: [next(ended) for _ in range(DRAWS)] for it in workloads()}
    return {
        name: sum(math.log(it.last) if it.complete else math.inf for it in runs) / DRAWS
        for name, runs in logs.items()
    }


def tuned(executor: Executor, view: View, family: str) -> Iterator[tuple[str, Numbers]]:
    """The numbers for all workloads, then those of each."""
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=SEED))
    tried: list[tuple[Numbers, dict[str, float]]] = []
    for _ in range(TRIALS):
        trial = study.ask()
        numbers = asked(trial, family)
        found = losses(executor, view, family, numbers)
        tried.append((numbers, found))
        first = tried[0][1]
        ratios = [min(WORST, found[name] - first[name]) for name in found]
        value = sum(ratios) / len(ratios)
        study.tell(trial, value)
        view.note(f"{family} trial {trial.number}: {value:+.4f} {json.dumps(numbers)}")
    yield "all", tried[study.best_trial.number][0]
    for name in first:
        yield name, min(tried, key=lambda one: one[1][name])[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=REFERENCES, help="one of the references")
    only = parser.parse_args().only
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with measuring(CpuMachine().on()) as (executor, view):
        asked_for = [only] if only else REFERENCES
        table = {family: dict(tuned(executor, view, family)) for family in asked_for}
    print(f"NUMBERS: dict[str, dict[str, dict[str, float]]] = {pformat(table, sort_dicts=False)}")


if __name__ == "__main__":
    main()
