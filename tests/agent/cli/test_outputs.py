"""Files that options write: none that the command reads, and none that another option writes."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli import output
from agent.study.errors import UserError
from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from helpers import Call, sources
from helpers.own_track import place_waves
from helpers.studies import SETTINGS

READ = "the command reads it; choose another file"
WAVES = ["--track", "waves.py"]


@pytest.fixture(autouse=True)
def _files(workspace_folder: Path) -> None:
    place_waves(workspace_folder)
    for file in ("mine.py", "submissions/submission.py"):
        Path(file).write_text(sources.GRADIENT_DESCENT)
    Path("spec.json").write_text("{}")
    Path("link.py").symlink_to("mine.py")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["eval", *WAVES, "--submission", "mine.py", "--results-json", "mine.py"],
            f"--results-json mine.py: {READ}",
        ),
        (
            ["eval", *WAVES, "--submission", "link.py", "--results-json", "./mine.py"],
            f"--results-json mine.py: {READ}",
        ),
        (
            ["eval", *WAVES, "--submission", "mine.py", "--results-json", "waves.py"],
            f"--results-json waves.py: {READ}",
        ),
        (
            ["transfer", "submissions", "--markdown", "submissions/submission.py"],
            f"--markdown submissions/submission.py: {READ}",
        ),
        (["ablate", "mine.py", *WAVES, "--out", "mine.py"], f"--out mine.py: {READ}"),
        (
            ["ablate", "mine.py", *WAVES, "--out", "a.py", "--markdown", "a.py"],
            "--markdown a.py: --out writes it; choose another file",
        ),
        (["ideas", *WAVES, "--html", "waves.py"], f"--html waves.py: {READ}"),
        (
            ["ideas", *WAVES, "--html", "x", "--markdown", "x"],
            "--html x: --markdown writes it; choose another file",
        ),
        (["fidelity", *WAVES, "--markdown", "waves.py"], f"--markdown waves.py: {READ}"),
        (["space", "render", "spec.json", "-o", "spec.json"], f"--output spec.json: {READ}"),
        (["space", "render", "muon", *WAVES, "-o", "waves.py"], f"--output waves.py: {READ}"),
        (
            ["report", "s", "--markdown", "r.md", "--html", "r.md"],
            "--html r.md: --markdown writes it; choose another file",
        ),
    ],
)
def test_a_file_that_would_be_lost_is_refused(call: Call, words: list[str], said: str) -> None:
    before = {path: path.read_bytes() for path in Path().rglob("*.*")}
    assert call(*words) == (2, "", f"autoresearch: {said}\n")
    assert {path: path.read_bytes() for path in Path().rglob("*.*")} == before


def test_a_report_is_not_written_over_its_track(call: Call, workspace_folder: Path) -> None:
    before = Path("waves.py").read_bytes()
    of_waves = replace(
        SETTINGS, track="waves", objective="final", scale="full", track_file="waves.py"
    )
    Ledger(Workspace(workspace_folder)).create("own", of_waves)
    assert call("report", "own", "--html", "waves.py") == (
        2, "", f"autoresearch: --html waves.py: {READ}\n"
    )  # fmt: skip
    assert Path("waves.py").read_bytes() == before


def test_what_is_no_file_may_be_named_twice() -> None:
    null, other = Path("/dev/null"), Path("other")
    output.require_outputs({"--markdown": null, "--html": null, "--csv": other, "--out": None})
    with pytest.raises(UserError, match="--csv other: --html writes it"):
        output.require_outputs({"--html": other, "--csv": other})
