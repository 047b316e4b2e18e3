"""Contributions to other contests, and the submissions of others."""

import json
from pathlib import Path
from typing import Any

import git
import pytest

from agent.judge import Options
from agent.publish.export import UPSTREAM_ENDS_WITH
from helpers import Call, sources
from helpers.studies import SETTINGS, run
from tracks.isolation.launcher import Launcher

WORDS = ("--track", "mqar", "--scale", "small")


@pytest.fixture
def winner(launcher: Launcher, repository: git.Repo) -> dict[str, Any]:
    data, _ = run(launcher, SETTINGS, "exported", Options(name="the-winner", ablation=False))
    repository.git.merge("autoresearch/exported")
    return data["verdict"]  # type: ignore[no-any-return]


def test_a_winner_in_the_form_of_each_contest(
    call: Call, winner: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, _, error = call("export", "the-winner", "--to", "track3")
    assert status == 2
    assert "was confirmed at scale small; contests ask for full runs" in error
    monkeypatch.setattr("agent.cli.export.CONTEST_SCALE", "small")
    for form, start in (
        ("caffeine", "submissions/the-winner"),
        ("track3", "records/track_3_optimization/"),
        ("records", "records/"),
    ):
        status, out, _ = call("export", "the-winner", "--to", form, "--out", form)
        assert status == 0
        files = {Path(line) for line in out.splitlines()}
        assert all(file.exists() and str(file).startswith(f"{form}/{start}") for file in files)
        folder = next(file.parent for file in files if file.name == "submission.py")
        readme = (folder / "README.md").read_text()
        assert f"from their hashes and the key `{winner['key']}`" in readme
        logs = sorted((folder / "logs").glob("*.txt"))
        assert len(logs) == len(winner["pairs"])
        for pair, log in zip(winner["pairs"], logs, strict=True):
            assert pair["drawn_from"] in readme
            assert pair["drawn_from"] in log.read_text()
            assert "step:0 accuracy:" in log.read_text()
        assert ("Student's is 0." if form == "track3" else "p = 0.") in readme
        assert ("has not been run here" in readme) == (form != "caffeine")
    assert "(threshold - mean) sqrt(n)" in next(Path("track3").rglob("README.md")).read_text()
    record = json.loads(next(Path("records").rglob("submission.json")).read_text())
    assert record["seeds"] == 3
    assert record["mean"] == pytest.approx(
        sum(pair["challenger"] for pair in winner["pairs"]) / 3, abs=2.0
    )
    official = json.loads(next(Path("caffeine").rglob("official.json")).read_text())
    assert list(official)[-1] == UPSTREAM_ENDS_WITH
    assert official["track"] == "mqar"


def test_only_a_confirmed_winner_is_exported(call: Call) -> None:
    assert call("export", "adamw", "--to", "caffeine")[0] == 2
    status, _, error = call("export", "adamw", "--to", "nowhere")
    assert status == 2
    assert "'nowhere' is not one of 'caffeine', 'track3', 'records'" in error


@pytest.fixture
def others(workspace_folder: Path) -> Path:
    folder = workspace_folder.parent / f"{workspace_folder.name}-others"
    for name, text in {
        "submissions/plain/submission.py": sources.GRADIENT_DESCENT,
        "submissions/plain_again/submission.py": sources.GRADIENT_DESCENT,
        "submissions/cheat/submission.py": sources.TEACHER_COPIER,
        "noisy.py": sources.NOISE,
        "broken.py": "class Submission(\n",
        "failing.py": sources.with_step("raise ValueError('boom')"),
        "harness.py": "print('not a submission')\n",
        "tests/test_it.py": sources.GRADIENT_DESCENT,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.processes
def test_others_are_checked_and_measured_here(call: Call, others: Path) -> None:
    status, out, _ = call("import", str(others), *WORDS, "--prefix", "their-", "--json")
    assert status == 0
    found = {row["file"]: row for row in json.loads(out)["found"]}
    assert {file: row["state"] for file, row in found.items()} == {
        "submissions/plain/submission.py": "complete",
        "submissions/plain_again/submission.py": "duplicate",
        "submissions/cheat/submission.py": "forbidden",
        "noisy.py": "complete",
        "broken.py": "invalid",
        "failing.py": "exception",
    }
    assert "line 10: 1729 is a public seed" in found["submissions/cheat/submission.py"]["result"]
    kept = sorted(path.name for path in Path("submissions").glob("their-*"))
    assert kept == ["their-noisy", "their-plain"]
    content = json.loads(Path("submissions/their-plain/result.json").read_text())
    assert content["imported_from"].startswith("submissions/plain/submission.py of /")
    assert content["tracks"]["mqar"]["trainer"] == "exact"
    status, out, _ = call(
        "import", str(others), "--track", "single_ar", "--scale", "small", "--prefix", "their-"
    )
    assert status == 0
    content = json.loads(Path("submissions/their-plain/result.json").read_text())
    assert set(content["tracks"]) == {"mqar", "single_ar"}


@pytest.mark.processes
def test_an_import_takes_no_place(call: Call, others: Path) -> None:
    ours = Path("submissions/noisy")
    ours.mkdir(parents=True)
    (ours / "submission.py").write_text((others / "noisy.py").read_text())
    (ours / "result.json").write_text('{"schema_version": 1, "tracks": {}}')
    before = (ours / "result.json").read_text()
    status, _, error = call("import", str(others), *WORDS)
    assert status == 2
    assert "submissions/noisy is ours already; choose a --prefix" in error
    assert (ours / "result.json").read_text() == before
    for _ in ("once", "again"):
        assert call("import", str(others), *WORDS, "--prefix", "their-")[0] == 0
    assert call("import", str(others), *WORDS, "--prefix", "../x")[0] == 2


@pytest.mark.processes
def test_a_git_repository_is_imported_from(call: Call, others: Path) -> None:
    repo = git.Repo.init(others)
    repo.index.add(["noisy.py"])
    identity = git.Actor("Tester", "tester@example.org")
    commit = repo.index.commit("one", author=identity, committer=identity)
    status, out, _ = call("import", f"file://{others}", *WORDS, "--json")
    assert status == 0
    assert [row["file"] for row in json.loads(out)["found"]] == ["noisy.py"]
    content = json.loads(Path("submissions/noisy/result.json").read_text())
    assert commit.hexsha in content["imported_from"]


@pytest.mark.processes
def test_what_cannot_be_imported_is_one_line(call: Call, others: Path) -> None:
    status, _, error = call("import", "nowhere", *WORDS)
    assert (status, error.count("\n")) == (2, 1)
    status, _, error = call("import", f"file://{others}/nothing", *WORDS)
    assert (status, error.count("\n")) == (2, 1)
    assert "cannot clone" in error
    assert not error.rstrip().endswith(":"), "git's reason is told"
    (others / "empty").mkdir()
    status, _, error = call("import", str(others / "empty"), *WORDS)
    assert status == 2
    assert "no Python file there defines a class Submission" in error
    Path("submissions/noisy").mkdir(parents=True)
    Path("submissions/noisy/submission.py").write_text(sources.TORCH_ADAMW)
    status, _, error = call("import", str(others), *WORDS)
    assert status == 2
    assert "submissions/noisy is another optimizer already" in error
