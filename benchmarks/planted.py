"""Parts planted into a good optimizer: does the real pipeline find and remove them?

    python benchmarks/planted.py mqar

Each optimizer gets a part that does nothing (gradients clipped at a norm they never have) and one
that harms (a momentum so long that it answers late), once as a spec and once as code that declares
its parts as switches. It is the only trial of a study of its own, which confirms, ablates,
simplifies and confirms again, as `autoresearch run` does.
"""

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.cli import inputs, output
from agent.judge import Options
from agent.pipeline import run_study
from agent.proposers.files import enqueue_file
from agent.report.data import Report
from agent.report.sections.ablation import ablation_cells, simplification_line
from agent.report.views import open_view
from agent.study.cores import cores
from agent.study.local_executor import LocalExecutor
from agent.study.settings import Settings
from agent.verdict.comparison_keys import SeededKeys
from search_space.recipes import RECIPES
from search_space.sample import trial_params
from search_space.spec import make_spec
from tracks.isolation.launcher import Launcher
from tracks.registry import get_track
from tracks.submission import Submission

PHASE = RECIPES["row_adam"].to_json()["phases"][0]
BARNACLE = {"treatment": {"part": "clip_global", "limit": 1000.0}}
HARMFUL = {"momentum": {"part": "ema", "beta": 0.95}}
SPEC = make_spec(PHASE | BARNACLE | HARMFUL)
CODE = '''
import torch


class Submission(torch.optim.Optimizer):
    """Adam with a short memory; `clip` never has anything to clip, `heavy` makes it late."""

    def __init__(self, params, lr=0.05, *, adaptive=True, clip=True, heavy=True):
        super().__init__(params, {"lr": lr})
        self.adaptive, self.clip, self.beta = adaptive, clip, 0.95 if heavy else 0.8

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                grad = p.grad.clamp(-1000, 1000) if self.clip else p.grad
                state = self.state[p]
                mean = state.setdefault("mean", torch.zeros_like(p))
                second = state.setdefault("second", torch.zeros_like(p))
                mean.lerp_(grad, 1 - self.beta)
                second.mul_(0.9).addcmul_(grad, grad, value=0.1)
                p.sub_(mean / (second.sqrt() + 1e-8) if self.adaptive else mean, alpha=group["lr"])
'''


def study(track: str, name: str, *, code: bool) -> Report:
    console = output.console(stderr=True)
    known = get_track(track)
    settings = Settings(
        track=track,
        objective=known.objective,
        budget=1,
        seed=0,
        seeds=13,
        scale="full",
    )
    with Launcher() as launcher:
        opened = inputs.open_ledger().create(name, settings)
        if code:
            enqueue_file(opened, Submission(CODE, "planted.py"))
        else:
            opened.enqueue(trial_params(SPEC, known.structure))
        with (
            LocalExecutor(launcher, cores(), opened.store) as executor,
            open_view(console) as view,
        ):
            return run_study(
                inputs.workspace(),
                opened,
                executor,
                view,
                Options(commit=False, keys=SeededKeys(f"planted/{name}")),
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    arguments = parser.parse_args()
    for name, code in (("spec", False), ("code", True)):
        with TemporaryDirectory() as folder:
            os.chdir(folder)
            Path("submissions").mkdir()
            report = study(arguments.track, name, code=code)
            verdict, ablation = report.verdict, report.ablation
        print(f"{name}: {verdict.reason if verdict else 'no verdict'}")
        for row in ablation.rows if ablation else ():
            cells = ablation_cells(row)
            print("  " + " | ".join(cells))
        if ablation and ablation.simplified:
            print(f"  {simplification_line(ablation, 'is what is published')}")


if __name__ == "__main__":
    main()
