"""A track's own code that fails during a run: adamw says whether the submission is to blame."""

from pathlib import Path

import pytest

from agent.study.local_executor import LocalExecutor
from helpers.sources import GRADIENT_DESCENT, with_step
from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.registry import add_file
from tracks.submission import Submission
from tracks.track_file import TrackError

GAUSSIAN = """
import torch
from tracks.base import Data, Metric, Scale, Track, batch_indices, seeded

class Gaussian(Track):
    '''fit a Gaussian'''
    metric = Metric("nats", log=False)
    scales = {"full": Scale(max_steps=20, batch_size=8, train_samples=64, eval_samples=64)}

    def data(self, seeds, scale):
        size = self.scales[scale]
        x = torch.randn((size.train_samples, 1), generator=seeded(seeds.train))
        y = torch.randn((size.eval_samples, 1), generator=seeded(seeds.eval))
        return Data(x, x, y, y, batch_indices(seeds, size))

    def student(self, seeds, scale):
        torch.manual_seed(seeds.student)
        return torch.nn.Linear(1, 1)

    def loss(self, model, inputs, targets):
        spread = model.weight.exp()
        return -torch.distributions.Normal(model.bias, spread).log_prob(targets).mean()

    def measure(self, model, inputs, targets):
        return self.loss(model, inputs, targets).item()
"""
FAR = with_step("""
for group in self.param_groups:
    for p in group["params"]:
        p.sub_(1000.0)
""")


def measured(launcher: Launcher, folder: Path, track: str, submission: str) -> Evaluation:
    file = folder / "gaussian.py"
    file.write_text(track)
    instance = official_instance(add_file(file).name)
    executor = LocalExecutor(launcher, 1, None)
    return executor.submit(Submission(submission), instance, Procedure(10)).result()


@pytest.mark.processes
def test_a_loss_that_fails_far_from_the_start_is_the_submissions_failure(
    launcher: Launcher, tmp_path: Path
) -> None:
    assert measured(launcher, tmp_path, GAUSSIAN, GRADIENT_DESCENT).complete
    failed = measured(launcher, tmp_path, GAUSSIAN, FAR)
    assert failed.state is State.DIVERGED
    said = f"after step 1 the track's own code failed: {tmp_path / 'gaussian.py'}:"
    assert failed.reason.startswith(said)
    assert "ValueError" in failed.reason


@pytest.mark.processes
def test_a_loss_that_fails_for_adamw_too_is_the_tracks(launcher: Launcher, tmp_path: Path) -> None:
    late = """
        self.calls = getattr(self, "calls", 0) + 1
        if self.calls > 12:
            raise KeyError("late")
        spread"""
    track = GAUSSIAN.replace("\n        spread", late)
    with pytest.raises(TrackError, match="KeyError: 'late'"):
        measured(launcher, tmp_path, track, GRADIENT_DESCENT)
