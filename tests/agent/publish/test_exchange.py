"""Contributions to other contests, and the submissions of others."""

import json
from pathlib import Path
from typing import Any

import git
import pytest

from agent.judge import Options
from agent.publish.contests.contribution import Given
from agent.publish.contests.enclosed import enclosed
from agent.publish.contests.forms import FORMS
from agent.study.errors import UserError
from agent.study.evaluation_store import EvaluationStore
from agent.study.local_executor import LocalExecutor
from helpers import Call, sources
from helpers.contest_script import RULE, SCRIPT
from helpers.studies import SETTINGS, run
from tracks.isolation.launcher import Launcher
from tracks.submission import Submission

WORDS = ("--track", "mqar", "--scale", "small")
INSIDE = enclosed(Submission(sources.GRADIENT_DESCENT), "plain")
SHIFTED = INSIDE.replace("    import torch\n", "  if 1:\n    import torch\n")
"""It can be parsed in the program alone."""


@pytest.fixture
def winner(launcher: Launcher, repository: git.Repo) -> dict[str, Any]:
    data, _ = run(launcher, SETTINGS, "exported", Options(name="the-winner", ablation=False))
    repository.git.merge("autoresearch/exported")
    return data["verdict"]  # type: ignore[no-any-return]


def test_a_winner_in_the_form_of_each_contest_and_back(
    call: Call, winner: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("train_gpt_simple.py").write_text(SCRIPT)
    with_script = ("--script", "train_gpt_simple.py")
    status, _, error = call("export", "the-winner", "--to", "track3", *with_script)
    assert status == 2
    assert "was confirmed at scale small; contests ask for full runs" in error
    monkeypatch.setattr("agent.cli.export.CONTEST_SCALE", "small")
    for form, start, words in (
        ("caffeine", "submissions/the-winner", ()),
        ("track3", "records/track_3_optimization/results/", with_script),
        ("parameter-golf", "records/track_non_record_16mb/", ()),
    ):
        status, out, _ = call("export", "the-winner", "--to", form, "--out", "there", *words)
        assert status == 0
        assert ("\n+++ train_gpt_simple_the-winner.py\n" in out) == (form == "track3")
        files = {Path(line) for line in out.splitlines() if line.startswith("there/")}
        assert all(file.exists() and str(file).startswith(f"there/{start}") for file in files)
        readme = next(file for file in files if file.name == "README.md").read_text()
        assert f"from their hashes and the key `{winner['key']}`" in readme
        assert ("not been run" in readme) == (form != "caffeine")
        logs = sorted(
            file for file in files if file.name.startswith("seed_") and ".txt" in str(file)
        )
        for pair, log in zip(winner["pairs"], logs, strict=True):
            assert pair["drawn_from"] in readme
            assert pair["drawn_from"] in log.read_text()
    status, out, _ = call("import", "there", *WORDS, "--prefix", "back-", "--json")
    assert status == 0
    found = sorted((Path(row["file"]).name, row["state"]) for row in json.loads(out)["found"])
    assert found == [
        ("submission.py", "complete"),
        ("submission.py", "duplicate"),
        ("train_gpt_simple_the-winner.py", "duplicate"),
    ]
    (back,) = Path("submissions").glob("back-*")
    assert back.name == "back-the-winner"
    source = Path("submissions/the-winner/submission.py").read_text()
    assert (back / "submission.py").read_text() == source


@pytest.mark.processes
def test_a_winner_that_fails_or_changes_in_a_script_is_not_put_there(
    launcher: Launcher, tmp_path: Path
) -> None:
    picky = sources.with_step(
        "assert all(p.dtype == torch.float32 for p in self.param_groups[0]['params'])"
    )
    executor = LocalExecutor(launcher, 1, EvaluationStore(tmp_path))
    form, winner = FORMS["track3"], Submission(picky, "picky.py")
    form.try_out(executor, winner, Given(groups="matrices"))
    with pytest.raises(UserError, match=r"picky fails on a stand-in .*: exception: AssertionError"):
        form.try_out(executor, winner, Given(groups="all"))
    later = f"from __future__ import annotations\n{picky}\ndef later(x: Unknown): ...\n"
    form.try_out(executor, Submission(later, "later.py"), Given(groups="matrices"))
    vain = sources.with_step("self.param_groups[0]['params'][0].sub_(len(type(self).__qualname__))")
    with pytest.raises(UserError, match="vain does something else inside a function"):
        form.try_out(executor, Submission(vain, "vain.py"), Given(groups="matrices"))


def test_only_a_confirmed_winner_is_exported(call: Call) -> None:
    assert call("export", "adamw", "--to", "caffeine")[0] == 2
    status, _, error = call("export", "adamw", "--to", "nowhere")
    assert status == 2
    assert "'nowhere' is not one of 'caffeine', 'track3', 'parameter-golf'" in error


@pytest.fixture
def others(workspace_folder: Path) -> Path:
    folder = workspace_folder.parent / f"{workspace_folder.name}-others"
    for name, text in {
        "submissions/plain/submission.py": sources.GRADIENT_DESCENT,
        "submissions/plain_again/submission.py": sources.GRADIENT_DESCENT,
        "submissions/cheat/submission.py": sources.TEACHER_COPIER,
        "track3/1-2.txt": f"{INSIDE}\n{RULE}\nstep:1/1 val_loss:3.2\n",
        "cut.py": INSIDE[: len(INSIDE) // 2],
        "noisy.py": sources.NOISE,
        "broken.py": "class Submission(\n",
        "deep.py": sources.nested(2960),
        "logs/shifted.txt": SHIFTED,
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
        "track3/1-2.txt": "duplicate",
        "cut.py": "invalid",
        "noisy.py": "complete",
        "broken.py": "invalid",
        "deep.py": "invalid",
        "logs/shifted.txt": "invalid",
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
def test_a_winner_of_several_phases_keeps_its_name(call: Call, workspace_folder: Path) -> None:
    script = workspace_folder / "results" / "train_gpt_simple_one+two-1.py"
    script.parent.mkdir()
    script.write_text(enclosed(Submission(sources.GRADIENT_DESCENT), "one+two-1"))
    assert call("import", "results", *WORDS)[0] == 0
    assert call("import", "results", *WORDS, "--prefix", "a+b-")[0] == 0
    found = sorted(path.name for path in Path("submissions").glob("*+*"))
    assert found == ["a+b-one+two-1", "one+two-1"], "as the README of an export has it"
    status, _, error = call("import", "results", *WORDS, "--prefix", "a b")
    assert status == 2
    assert "expected letters, digits, '-', '_' and '+'" in error


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
