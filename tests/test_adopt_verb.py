"""`autoresearch space adopt`: what evidence it wants, what it writes, and that the part works."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Call
from test_adopt import BODY, FUNCTION, submission


def winner(folder: Path, source: str, **changes: Any) -> Path:
    """A folder of submissions/ as a study publishes it, with other evidence where that is asked."""
    folder.mkdir(parents=True)
    (folder / "submission.py").write_text(source)
    row = {"kind": "switch", "part": "polar_decay", "finding": "helps", "delta": 12.0}
    evidence = {
        "verdict": {
            "accepted": changes.get("accepted", True),
            "reason": "it was worse",
            "challenger_digest": hashlib.sha256(source.encode()).hexdigest(),
        },
        "ablation": changes.get("ablation", {"unit": "steps", "rows": [row | changes]}),
    }
    (folder / "evidence.json").write_text(changes.get("text", json.dumps(evidence)))
    return folder


ADOPT = ("space", "adopt", "won", "--switch", "polar_decay", "--kind", "magnitude")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"accepted": False}, "says that it was not accepted: it was worse;"),
        ({"ablation": None}, "has no ablation of the switch polar_decay;"),
        ({"part": "momentum"}, "has no ablation of the switch polar_decay;"),
        ({"kind": "magnitude"}, "has no ablation of the switch polar_decay;"),
        ({"finding": "barnacle"}, "says of the switch polar_decay: barnacle, by 12 steps;"),
        ({"finding": "undecided", "delta": None}, "says of the switch polar_decay: undecided;"),
        ({"text": "{"}, "is damaged: not JSON (Expecting property name"),
        ({"text": "[]"}, "is no winner's evidence (TypeError"),
    ],
)
def test_evidence_that_does_not_say_so(call: Call, changes: dict[str, Any], line: str) -> None:
    folder = winner(Path("submissions/won"), submission(FUNCTION), **changes)
    status, out, error = call(*ADOPT)
    assert (status, out) == (2, "")
    assert f"{folder}/evidence.json {line}" in error
    assert error.endswith("; --anyway adopts it all the same\n")
    assert error.count("\n") == 1


def test_evidence_of_something_else(call: Call) -> None:
    folder = winner(Path("submissions/won"), submission(FUNCTION))
    (folder / "submission.py").write_text(submission(FUNCTION) + "\n")
    assert "evidence.json is of another text than submissions/won/sub" in call(*ADOPT)[2]
    (folder / "evidence.json").unlink()
    line = "there is no submissions/won/evidence.json, so nothing says that polar_decay helps; --a"
    assert call(*ADOPT)[2].startswith(f"autoresearch: {line}")


def test_no_file_is_written_of_what_cannot_be_adopted(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(*ADOPT)[2].startswith("autoresearch: won: No such file or directory")
    winner(Path("submissions/won"), submission(FUNCTION))
    words = [*ADOPT[:-1], "decay"]
    path = "submissions/won/submission.py"
    assert call(*words)[2].startswith(f"autoresearch: {path}: the parts of decay set no")
    Path("cheat.py").write_text(submission(FUNCTION, "import os\nos.remove('x')\n\n"))
    words = ["space", "adopt", "cheat.py", *ADOPT[3:]]
    assert call(*words)[2].startswith("autoresearch: cheat.py, line 9: os.remove: a submission has")

    def package_is(path: Path) -> None:
        monkeypatch.setattr("agent.cli.adopt.PACKAGE", path)

    package_is(tmp_path / "search_space")
    # an empty package, in which nothing can be rendered
    status, out, error = call(*ADOPT)
    assert (status, out) == (2, "")
    assert "magnitude.polar_decay was not adopted: ModuleNotFoundError: No module" in error
    assert not list((tmp_path / "search_space").rglob("*.py"))
    monkeypatch.setattr("agent.cli.adopt.TIMEOUT_S", 1e-3)
    assert "polar_decay was not adopted: it takes too long to load" in call(*ADOPT)[2]
    assert not list((tmp_path / "search_space").rglob("*.py"))
    (tmp_path / "search_space/rules/adopted_polar_decay.py").write_text("mine")
    assert "search_space/rules/adopted_polar_decay.py exists already; remove it" in call(*ADOPT)[2]
    assert (tmp_path / "search_space/rules/adopted_polar_decay.py").read_text() == "mine"
    package_is(tmp_path / "submissions/won/submission.py")
    assert "cannot write to submissions/won/submission.py (" in call(*ADOPT)[2]


IN_COPY = """
import json, sys
from pathlib import Path

sys.path.append({tests!r})
import tiny
import torch

from agent.cli.main import main
from search_space.ablate import leave_one_out
from search_space.registry import KINDS
from search_space.render import render
from search_space.spec import make_spec

assert main(["space", "list"]) == 0
assert main(["space", "show", "magnitude.polar_decay"]) == 0
choices = {{"direction": {{"part": "raw"}}, "magnitude": {{"part": "polar_decay", "strength": 0.3}},
           "schedule": {{"part": "constant", "lr": 0.1}}}}
Path("spec.json").write_text(json.dumps(choices))
assert main(["space", "render", "spec.json", "-o", "rendered.py"]) == 0
source = Path("rendered.py").read_text()
start = torch.tensor([[3.0, 4.0], [0.0, 2.0]], dtype=torch.float64)
gradients = [torch.eye(2, dtype=torch.float64), torch.ones(2, 2, dtype=torch.float64)]
expected, first = start.clone(), start / start.norm(dim=1, keepdim=True)
for gradient in gradients:
    pull = expected / expected.norm(dim=1, keepdim=True) - first
    expected = expected - 0.1 * (gradient + 0.3 * pull)
torch.testing.assert_close(tiny.follow(source, start, gradients), expected, rtol=1e-12, atol=0)
assert all(tiny.is_finite(tiny.train(source, model)) for model in tiny.MODELS)
spec = make_spec(choices)
removed = {{r.name: r for r in leave_one_out(spec)}}["magnitude"]
assert (removed.part, removed.replaced_by) == ("polar_decay", "none")
assert "polar_decay" not in render(removed.spec, 400)
parts = [part.name for kind in KINDS for part in kind.parts if kind.name == "magnitude"]
assert "polar_decay" in parts[parts.index("first_descent") :]
"""


def test_an_adopted_part_is_like_every_other(tmp_path: Path) -> None:
    for package in ("agent", "search_space", "tracks", "submissions"):
        shutil.copytree(ROOT / package, tmp_path / package)
    winner(tmp_path / "submissions" / "won", submission(FUNCTION))
    long = FUNCTION.replace(BODY.splitlines(keepends=True)[0], "    # nothing\n" * 500)
    (tmp_path / "long.py").write_text(submission(long))

    def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    run = "import sys; from agent.cli.main import main; sys.exit(main())"
    done = python(run, "space", "adopt", "long.py", *ADOPT[3:], "--anyway", "--name", "long_one")
    assert done.returncode == 2
    assert "long_one was not adopted: line 500: 564 lines are hard to review" in done.stderr
    done = python(run, *ADOPT, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    evidence = "submissions/won/evidence.json"
    paths = ["rules/adopted_polar_decay.py", "parts/adopted/magnitude_polar_decay.py"]
    assert json.loads(done.stdout) == {
        "schema_version": 1,
        "kind": "magnitude",
        "part": "polar_decay",
        "evidence": f"{evidence} says of the switch polar_decay: helps, by 12 steps",
        "written": [f"search_space/{path}" for path in paths],
    }
    new = {p.relative_to(tmp_path) for p in (tmp_path / "search_space").rglob("*.py")} - {
        p.relative_to(ROOT) for p in (ROOT / "search_space").rglob("*.py")
    }
    assert {path.as_posix() for path in new} == {f"search_space/{path}" for path in paths}
    done = python(IN_COPY.format(tests=str(ROOT / "tests")))
    assert (done.returncode, done.stderr) == (0, "")
    assert "polar_decay" in done.stdout.split("#### magnitude")[0]
    assert "    U <- U + s (w / |w| - P), P the first w / |w|\n" in done.stdout
    files = [str(tmp_path / path) for path in sorted(new)] + [str(tmp_path / "rendered.py")]
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", *files]
    for command in (["check"], ["format", "--check"]):
        checked = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *config], capture_output=True, text=True
        )
        assert checked.returncode == 0, checked.stdout
