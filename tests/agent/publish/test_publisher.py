"""The names of winners."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.publish.publisher import Publisher
from agent.study.workspace import Workspace
from tracks.submission import Submission

FILE = Submission("pass\n")
SHORT = FILE.digest[:6]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("row_delta", "single-ar-row-delta"),
        ("single-ar-row-delta-" + SHORT, "single-ar-row-delta"),
        # simplified: what is published is another file
        ("single-ar-row-delta-123abc", "single-ar-row-delta"),
        ("mqar-row-delta-123abc", "single-ar-mqar-row-delta-123abc"),
        ("single-ar-row", "single-ar-single-ar-row"),
    ],
)
def test_a_winner_that_is_handed_in_again_keeps_its_name(
    tmp_path: Path, label: str, name: str
) -> None:
    study = SimpleNamespace(settings=SimpleNamespace(track="single_ar"), folder=tmp_path)
    publisher = Publisher(Workspace(tmp_path), study, False)  # type: ignore[arg-type]
    assert publisher.name(label, FILE) == f"{name}-{SHORT}"
