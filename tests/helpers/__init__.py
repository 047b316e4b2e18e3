"""What tests share."""

from collections.abc import Callable
from pathlib import Path

from tracks.evaluation import Evaluation

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Evaluation]
Answer = tuple[int, str, str]
Call = Callable[..., Answer]
