"""The rule checker: what is read off a file, and whose updates its own are like."""

import json
from pathlib import Path

import pytest
import sources
from conftest import Call

from agent.checker import check
from agent.evaluation_store import EvaluationStore
from agent.executor import Executor
from agent.fingerprint import SAME, Fingerprint, closest, fingerprints, likeness
from agent.known import known_submissions
from agent.workspace import Workspace
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.launcher import Launcher
from tracks.registry import all_tracks, get_track
from tracks.submission import Submission

BREAKS = {
    "import": [
        "import os",
        "from pathlib import Path",
        "import tracks.instance",
        "from . import other",
        "import importlib as i",
    ],
    "files and processes": [
        "x = open('runs/ledger.db')",
        "import numpy as np\nx = np.load('data.npy')",
        "import torch\nx = torch.load('teacher.pt')",
        "from torch import save",
        "from torch.utils import cpp_extension",
        "import torch.multiprocessing as mp",
        "import contextlib\ncontextlib.os.system('true')",
        "import torch as t\nt.utils.cpp_extension.load_inline('x', 'y')",
    ],
    "seeds": ["x = 1729", "import torch\nx = torch.initial_seed()", "x = torch.get_rng_state()"],
    "contract": [
        "x = (1).__class__.__base__.__subclasses__()",
        "import sys as s\nx = s._getframe(1).f_locals",
        "x = getattr(f, '__globals__')",
        "p.register_hook(print)",
    ],
    "one forward-backward": [
        "loss.backward()",
        "import torch\ng = torch.autograd.grad(loss, p)",
        "from torch.func import functional_call",
        "x = p.grad_fn",
    ],
    "unreadable": ["exec('import ' + 'os')", "x = __import__('os')"],
}
SUSPECT = {
    "seeds": ["import torch\ng = torch.Generator().manual_seed(3)"],
    "contract": ["from torch import nn\nx = nn.MultiheadAttention(8, 1)", "x = 4160"],
    "unreadable": ["x = getattr(p, name)", "x = table[key](p)", "from torch import *"],
}


def found(text: str) -> dict[str, set[str]]:
    """Rules by level that `text`, put before a plain optimizer, breaks."""
    rules: dict[str, set[str]] = {"forbidden": set(), "suspect": set()}
    for finding in check(Submission(f"{text}\n{sources.TORCH_ADAMW}")):
        assert finding.line <= text.count("\n") + 1
        rules[finding.level].add(finding.rule)
    return rules


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r, texts in BREAKS.items() for t in texts])
def test_what_breaks_a_rule_is_found_on_its_line(rule: str, text: str) -> None:
    assert rule in found(text)["forbidden"]


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r, texts in SUSPECT.items() for t in texts])
def test_what_may_be_innocent_is_shown_and_not_forbidden(rule: str, text: str) -> None:
    assert found(text) == {"forbidden": set(), "suspect": {rule}}


def test_a_file_must_define_the_class() -> None:
    assert check(Submission("x = 1"))[0].message.startswith("no class Submission")
    assert check(Submission("class Submission: ..."))[0].message.startswith(
        "Submission has no base"
    )


def test_honest_optimizers_pass(workspace_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.known.RECIPES", RECIPES)
    for name, source in sources.WELL_BEHAVED.items():
        assert check(Submission(source)) == [], name
    for name, submission in known_submissions(Workspace(workspace_folder)):
        assert check(submission) == [], name


@pytest.fixture
def executor(launcher: Launcher, workspace_folder: Path) -> Executor:
    return Executor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))


DISGUISED = """
from torch import zeros_like, optim, no_grad, sqrt

class Submission(optim.Optimizer):
    '''Entirely new: Momentous Descent.'''

    def __init__(self, weights):
        super().__init__(weights, dict(speed=1e-2))
        self.clock = 0

    @no_grad()
    def step(self, closure=None):
        self.clock += 1
        for w in self.param_groups[0]["params"]:
            memory = self.state[w]
            drift = memory.get("drift", zeros_like(w)) * 0.9 + w.grad / 10
            bumps = memory.get("bumps", zeros_like(w)) * 0.99 + w.grad ** 2 / 100
            memory["drift"], memory["bumps"] = drift, bumps
            fair = sqrt(bumps / (1 - 0.99 ** self.clock)) + 1e-8
            w -= SPEED * (drift / (1 - 0.9 ** self.clock)) / fair
"""


def test_a_disguised_copy_is_recognised(executor: Executor) -> None:
    copy, slower, other, adamw, lion = fingerprints(
        executor,
        [
            Submission(DISGUISED.replace("SPEED", "1e-2")),
            Submission(DISGUISED.replace("SPEED", "1e-3")),
            Submission(sources.GRADIENT_DESCENT),
            Submission(sources.TORCH_ADAMW),
            Submission(render(RECIPES["lion"], 400)),
        ],
    )
    known = [("adamw", adamw), ("lion", lion)]
    nearest = closest(copy, known)
    assert nearest is not None
    assert (nearest.name, nearest.verdict) == ("adamw", "does the same as")
    assert nearest.distance < SAME
    nearest = closest(slower, known)
    assert nearest is not None
    assert (nearest.name, nearest.verdict) == ("adamw", "is, but for its step size,")
    nearest = closest(other, known)
    assert nearest is not None
    assert nearest.verdict == "is like none; the nearest is"


def test_what_fails_on_a_probe_is_like_nothing_that_does_not() -> None:
    whole, half = Fingerprint(((1.0, 2.0), (1.0, 1.0))), Fingerprint(((1.0, 2.0), None))
    assert likeness("half", whole, half) is None
    same = likeness("half", half, half)
    assert same is not None
    assert same.distance == 0


def test_probes_are_no_tracks() -> None:
    assert not any(name.startswith("probe") for name in all_tracks())
    assert get_track("probe_attention").structure == "attention"


def test_the_verb(call: Call) -> None:
    Path("mine.py").write_text(DISGUISED.replace("SPEED", "1e-2"))
    status, out, _ = call("check", "mine.py")
    assert status == 0
    assert "It does the same as " in out
    assert "adamw" in out
    Path("cheat.py").write_text(sources.TEACHER_COPIER)
    status, out, _ = call("check", "cheat.py")
    assert status == 3
    assert "updates" not in out, "what breaks a rule is not run"
    assert "cheat.py:10: forbidden (seeds): 1729 is a public seed of the benchmark" in out
    status, out, _ = call("check", "cheat.py", "--static", "--json")
    assert (status, json.loads(out)["allowed"]) == (3, False)
    status, _, error = call("run", "--track", "mqar", "--submission", "cheat.py")
    assert status == 2
    assert error.startswith("autoresearch: cheat.py, line 10: 1729 is a public seed")
