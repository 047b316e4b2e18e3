"""A track of the user's own, from an empty folder: run, continue, read, and what goes wrong."""

import re
from pathlib import Path

import pytest

from agent.cli import eval as eval_verb
from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from helpers import ROOT, Call, sources
from helpers.own_track import place_waves
from tracks import registry

RUN = (
    "run",
    "--track",
    "waves.py",
    "--scale",
    "small",
    "--budget",
    "2",
    "--no-commit",
    "--jobs",
    "1",
)

EVERY = '    eval_every = {"final": 75}\n'


@pytest.fixture(autouse=True)
def _own_track(workspace_folder: Path) -> None:
    place_waves(workspace_folder)


@pytest.mark.processes
def test_a_study_remembers_the_file_of_its_track(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(*RUN, "--study", "own")[0] == 0
    settings = Ledger(Workspace(workspace_folder)).open("own").settings
    assert (settings.track, settings.track_file) == ("waves", "waves.py")
    monkeypatch.setattr(registry, "_loaded", {})
    status, shown, _ = call("report", "own", "--html", "own.html")
    assert status == 0
    written = (workspace_folder / "runs" / "own" / "report.md").read_text()
    assert "autoresearch run --track waves.py:waves" in written
    for text in (shown, written, (workspace_folder / "own.html").read_text()):
        assert "last mse" in text
        assert not re.search("missed|steps to target", text), "it has no target"
    assert call("run", "--resume", "own", "--budget", "3", "--no-commit")[0] == 0
    file = workspace_folder / "waves.py"
    file.write_text(file.read_text().replace("WAVES, INPUTS = 8, 4", "WAVES, INPUTS = 9, 4"))
    monkeypatch.setattr(registry, "_loaded", {})
    status, _, said = call("run", "--resume", "own")
    assert status == 2
    assert f"{file}, or a file that it names, has changed since study own began" in said
    file.unlink()
    monkeypatch.setattr(registry, "_loaded", {})
    assert call("status")[0] == 0, "what lists all studies does not need the track of each"
    status, _, said = call("report", "own")
    assert status == 2
    assert f"autoresearch: {file}: no such file, and studies of the track waves need it" in said


def test_what_to_give_next_names_its_file(call: Call, workspace_folder: Path) -> None:
    status, said, _ = call("ideas", "--track", "waves.py", "--markdown", "ideas.md")
    assert status == 0
    assert "Nothing yet" in said
    command = f"autoresearch run --track {workspace_folder}/waves.py:waves"
    assert command in Path("ideas.md").read_text()


@pytest.mark.processes
def test_what_eval_says_fits_a_short_run_and_a_long_name(
    call: Call, workspace_folder: Path
) -> None:
    file, adamw = workspace_folder / "waves.py", str(ROOT / "submissions" / "adamw")
    text = file.read_text().replace('Metric("mse", log=True)', 'Metric("mean_squared_error")')
    file.write_text(text.replace("    scales =", "    target = 1e-9\n    scales =") + EVERY)
    words = ("--track", "waves.py", "--scale", "small", "--submission", adamw)
    status, said, _ = call("eval", *words)
    assert status == 0
    assert re.search(r"^  initial mean_squared_error +\d", said, re.M)
    assert re.search(r"^  target 1e-09 + missed \(evaluated every 20 of 20 steps\)$", said, re.M)


@pytest.mark.processes
def test_submissions_of_others_are_measured_on_it(call: Call, workspace_folder: Path) -> None:
    theirs = workspace_folder / "theirs"
    theirs.mkdir()
    (theirs / "plain.py").write_text(sources.GRADIENT_DESCENT)
    status, said, _ = call("import", "theirs", "--track", "waves.py", "--scale", "small")
    assert status == 0
    assert re.search("plain .* waves .* final ", said)
    status, _, said = call("import", "theirs", "--track", "waves.py", "--scale", "tiny")
    assert (status, said) == (
        2,
        "autoresearch: scale 'tiny': waves has full, small, quarter, half\n",
    )


@pytest.mark.processes
def test_a_file_is_measured_and_ranked(call: Call, workspace_folder: Path) -> None:
    adamw = str(ROOT / "submissions" / "adamw" / "submission.py")
    words = ("eval", "--track", "waves.py", "--scale", "small", "--submission", adamw)
    status, said, _ = call(*words)
    assert status == 0
    assert "final mse" in said
    assert "missed" not in said
    _, said, _ = call(*words, "--json")
    assert '"status": null' in said
    status, said, _ = call("leaderboard", "--track", "waves.py")
    assert status == 0
    assert "final mse" in said
    assert "steps to target" not in said


@pytest.mark.processes
def test_a_long_run_says_how_far_it_is(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    adamw = str(ROOT / "submissions" / "adamw" / "submission.py")
    words = ("eval", "--track", "waves.py", "--scale", "small", "--submission", adamw)
    assert "step" not in call(*words)[2]
    monkeypatch.setattr(eval_verb, "SILENCE_S", 0.0)
    assert "autoresearch: step 20 of 20\n" in call(*words)[2]


@pytest.mark.processes
def test_a_winner_under_any_metric_is_published(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Points, of which more are better, and which are compared by differences."""
    file = workspace_folder / "waves.py"
    text = file.read_text().replace('Metric("mse", log=True)', 'Metric("points", True)')
    measured = "return mse_loss(model(inputs), targets).item()"
    assert measured in text
    file.write_text(text.replace(measured, measured.replace("return", "return 100 -")))
    words = ("--budget", "9", "--no-commit", "--no-ablation", "--study", "own", "--seed", "0")
    status, _, said = call("run", "--track", "waves.py", *words)
    assert status == 0, said
    (readme,) = (workspace_folder / "runs" / "own" / "winner").glob("*/README.md")
    shown = readme.read_text().partition("## Other tasks")[0]
    assert re.search(r"final points 99\.\d+\.$", shown, re.MULTILINE), "it has no target"
    assert "missed" not in shown
    assert "(points 9" in shown
    assert "-9" not in shown.replace("e-9", ""), "points are never shown as a negative loss"
    assert "autoresearch eval --track waves.py:waves --submission" in readme.read_text()
    monkeypatch.setattr(registry, "_loaded", {})
    name = readme.parent.name
    readme.parent.rename(workspace_folder / "submissions" / name)
    status, said, error = call("export", name, "--to", "parameter-golf")
    assert status == 0, error
    (page,) = (Path(line) for line in said.splitlines() if line.endswith("README.md"))
    assert "## On waves, by seed (negative points, lower is better)" in page.read_text()
    assert "autoresearch eval --track waves.py:waves --submission" in page.read_text()
    file.write_text(file.read_text().replace("WAVES, INPUTS = 8, 4", "WAVES, INPUTS = 9, 4"))
    monkeypatch.setattr(registry, "_loaded", {})
    status, _, error = call("export", name, "--to", "parameter-golf")
    assert status == 2
    assert "waves.py, or a file that it names, has changed since the winner was confirmed" in error


@pytest.mark.processes
def test_a_baseline_is_tuned_on_it(call: Call, workspace_folder: Path) -> None:
    words = ("--scale", "small", "--budget", "1", "--family", "adamw", "--jobs", "1")
    assert call("baseline", "--track", "waves.py", *words)[0] == 0
    ledger = Ledger(Workspace(workspace_folder))
    (study,) = ledger.all()
    assert (study.settings.tuned, study.settings.track_file) == ("adamw", "waves.py")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--track", "gone.py"), "there is no such Python file"),
        (("--track", "waves.py:other"), "it has the tracks waves, and none named 'other'"),
        (("--track", "waves.py", "--objective", "steps"), "track waves has no target to reach"),
        (
            ("--track", "waves.py", "--scale", "tiny"),
            "waves has full, small, quarter, half",
        ),
        (("--track", "probe_attention"), "no track named 'probe_attention'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call: Call, words: tuple[str, ...], said: str) -> None:
    status, _, error = call("run", *words)
    assert status == 2
    assert said in error
    assert error.count("\n") == 1


def test_fidelity_names_the_scale_whose_proxies_it_can_try(call: Call) -> None:
    status, _, error = call("fidelity", "--track", "waves.py", "--scale", "small")
    assert status == 2
    assert "waves has no proxies for scale small; it has some for: full\n" in error
