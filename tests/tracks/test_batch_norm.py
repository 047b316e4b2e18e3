"""A student with batch norm: what is measured is what a plain loop measures, in both trainers."""

from pathlib import Path

import pytest
import torch

from tracks.instance import official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.registry import add_file
from tracks.submission import Submission

TRACK = """
import torch
from tracks.base import Data, Metric, Scale, Track, batch_indices, seeded

class Normed(Track):
    '''fit a line, with batch norm'''
    scales = {"full": Scale(max_steps=20, batch_size=8, train_samples=64, eval_samples=64)}

    def data(self, seeds, scale):
        size = self.scales[scale]
        x = 3 + torch.randn((size.train_samples, 2), generator=seeded(seeds.train))
        y = 3 + torch.randn((size.eval_samples, 2), generator=seeded(seeds.eval))
        sums = [each.sum(1, keepdim=True) for each in (x, y)]
        return Data(x, sums[0], y, sums[1], batch_indices(seeds, size))

    def student(self, seeds, scale):
        torch.manual_seed(seeds.student)
        parts = torch.nn.BatchNorm1d(2), torch.nn.Dropout(0.1), torch.nn.Linear(2, 1)
        return torch.nn.Sequential(*parts)

    def loss(self, model, inputs, targets):
        return ((model(inputs) - targets) ** 2).mean()

    def measure(self, model, inputs, targets):
        return self.loss(model, inputs, targets).item()
"""


@pytest.mark.processes
def test_statistics_are_those_of_the_steps_before(launcher: Launcher, tmp_path: Path) -> None:
    file = tmp_path / "normed.py"
    file.write_text(TRACK)
    track = add_file(file)
    instance = official_instance(track.name)
    data = track.data(instance.seeds, "full")
    model = track.student(instance.seeds, "full")
    plain = []
    sgd = torch.optim.SGD(model.parameters(), lr=0.01)
    for step, rows in enumerate(data.batch_indices):
        if step % 5 == 0:
            model.eval()
            with torch.no_grad():
                plain.append(track.measure(model, data.eval_inputs, data.eval_targets))
            model.train()
        sgd.zero_grad()
        track.loss(model, data.train_inputs[rows], data.train_targets[rows]).backward()  # type: ignore[no-untyped-call]
        sgd.step()
    source = (
        "import torch\n\n\nclass Submission(torch.optim.SGD):\n    def __init__(self, params):\n"
    )
    submission = Submission(f"{source}        super().__init__(params, lr=0.01)\n")
    for trainer in ("exact", "fused"):
        procedure = Procedure(5, trainer)  # type: ignore[arg-type]
        found = evaluate(submission, instance, launcher, procedure=procedure)
        assert found.complete, found.reason
        assert [value for _, value in found.curve[:-1]] == pytest.approx(plain, rel=1e-5)
