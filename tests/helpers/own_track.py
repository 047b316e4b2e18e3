"""Tracks of the user's own: the smallest one, and an example of docs/tracks/, as files."""

from pathlib import Path

from helpers import ROOT

MINIMAL = """
import torch
from tracks.base import Data, Metric, Scale, Track, batch_indices, seeded

class Line(Track):
    '''fit a line'''
    scales = {"full": Scale(max_steps=40, batch_size=4, train_samples=64, eval_samples=16)}

    def data(self, seeds, scale):
        size = self.scales[scale]
        x = torch.randn((size.train_samples, 1), generator=seeded(seeds.train))
        y = torch.randn((size.eval_samples, 1), generator=seeded(seeds.eval))
        return Data(x, 2 * x, y, 2 * y, batch_indices(seeds, size))

    def student(self, seeds, scale):
        torch.manual_seed(seeds.student)
        return torch.nn.Linear(1, 1)

    def loss(self, model, inputs, targets):
        return ((model(inputs) - targets) ** 2).mean()

    def measure(self, model, inputs, targets):
        return self.loss(model, inputs, targets).item()
"""


def written(folder: Path, text: str, name: str = "line.py") -> Path:
    """The file with this text."""
    file = folder / name
    file.write_text(text)
    return file


def place_waves(folder: Path) -> None:
    """Put waves.py into a folder."""
    written(folder, (ROOT / "docs" / "tracks" / "waves.py").read_text(), "waves.py")
