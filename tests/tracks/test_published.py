"""Published optimizers: what runs in the sandbox passes, and the rest says how to make it so."""

import json
import random
from contextlib import nullcontext
from pathlib import Path

import numpy
import pytest

from agent.knowledge.survey.foreign import candidates
from agent.proposers.gates.fingerprint import failed_probes
from agent.study.evaluation_store import EvaluationStore
from agent.study.executor import Executor
from agent.study.local_executor import LocalExecutor
from helpers import Call, Run, published
from tracks.evaluation import State
from tracks.isolation.launcher import Launcher
from tracks.rules.checker import broken
from tracks.rules.hints import with_hint
from tracks.submission import Submission

SMALL = ["--track", "mqar", "--scale", "small", "--submission", "mine.py"]


@pytest.fixture
def executor(launcher: Launcher, workspace_folder: Path) -> Executor:
    return LocalExecutor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))


@pytest.mark.parametrize("name", published.WORKING)
def test_what_runs_here_passes(executor: Executor, name: str) -> None:
    submission = Submission(f"{published.WORKING[name]}\nSubmission = {name}\n")
    assert broken(submission) == []
    assert failed_probes(executor, submission) == {}


@pytest.mark.parametrize("name", published.REFUSED)
def test_what_is_refused_says_how_to_make_it_acceptable(name: str) -> None:
    source, message = published.REFUSED[name]
    (finding,) = broken(Submission(source))
    assert message in finding.text
    assert finding.remedy


@pytest.mark.parametrize("name", published.FAILING)
def test_what_fails_says_what_to_change(executor: Executor, name: str) -> None:
    source, message = published.FAILING[name]
    submission = Submission(source)
    assert broken(submission) == []
    for evaluation in failed_probes(executor, submission).values():
        assert message in with_hint(evaluation.reason, evaluation.traceback)


@pytest.mark.processes
def test_check_fails_where_no_probe_passes(call: Call) -> None:
    Path("mine.py").write_text(published.FAILING["name"][0])
    status, out, _ = call("check", "mine.py")
    assert status == 3
    assert "mine.py:12: fails (on probe_tables): exception: NameError: name 'gradient'" in out
    assert "    p.sub_(gradient, alpha=" in out
    assert out.endswith("It fails on every probe, so no track can measure it.\n")
    assert not Path("runs").exists()


@pytest.mark.processes
def test_failing_on_one_probe_is_a_note(call: Call) -> None:
    tables = published.changed(("p.sub_", "assert len(group['params']) == 5; p.sub_"))
    Path("mine.py").write_text(tables)
    status, out, _ = call("check", "mine.py", "--json")
    told = json.loads(out)
    assert (status, told["allowed"], told["works"]) == (0, True, True)
    assert told["failed_probes"] == {"probe_attention": "exception: AssertionError:"}
    assert told["closest"]


DRAWS = published.changed(
    ("p.sub_", "p.add_(float(np.random.rand() + random.random()) * 1e-3); p.sub_"),
    before="import random\nimport numpy as np\n",
)


def test_every_global_generator_is_seeded(run: Run) -> None:
    assert broken(Submission(DRAWS)) == []
    first, second = (run(DRAWS, "mqar").curve for _ in range(2))
    assert first == second
    assert first != run(published.PLAIN, "mqar").curve
    # hosts of one zygote would agree in any case
    printing = DRAWS.replace("p.add_", "print(np.random.rand(), random.random()); p.add_", 1)
    expected = f"{numpy.random.RandomState(0).rand()} {random.Random(0).random()}\n"
    assert run(printing, "mqar").log.startswith(expected)


@pytest.mark.parametrize(
    "change",
    [
        ("    @torch.no_grad()\n", "    @torch.compile\n"),
        ("p.sub_", "torch.compile(p.sub_)"),
        ("p.sub_", "torch._dynamo.optimize()(p.sub_)"),
    ],
)
def test_compiling_is_refused_by_name_when_it_runs(run: Run, change: tuple[str, str]) -> None:
    result = run(published.changed(change))
    assert result.state is State.EXCEPTION
    assert "a submission may not write files; torch.compile needs to" in result.reason
    assert "InductorError" not in result.reason
    assert any("submission.py" in line for line in result.traceback)


@pytest.fixture
def eval_here(call: Call, launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`autoresearch eval` with the launcher that is there."""
    monkeypatch.setattr("agent.cli.machine.Limits.launcher", lambda limits: nullcontext(launcher))
    monkeypatch.setattr(launcher, "close", lambda: None)
    return call


def test_eval_shows_what_a_submission_prints(eval_here: Call) -> None:
    printing = ("        for group", "        print('\\x1b[31mred', 7)\n        for group")
    Path("mine.py").write_text(published.changed(printing))
    status, out, error = eval_here("eval", *SMALL)
    assert status == 0
    assert "red" not in out
    lines = error.splitlines()
    assert lines[0].startswith("autoresearch: 0 findings and 80 printed lines, at most 20")
    assert lines[1:] == ["submission | \N{REPLACEMENT CHARACTER}[31mred 7"] * 20
    status, out, error = eval_here("eval", *SMALL, "--json")
    assert (status, error) == (0, "")
    assert json.loads(out)["log"].count("red") == 80


def test_eval_goes_through_the_rule_book(eval_here: Call) -> None:
    change = ("p.sub_", "time.time(); p.backward; p.sub_")
    Path("mine.py").write_text(published.changed(change, before="import time\n"))
    status, out, error = eval_here("eval", *SMALL)
    assert (status, out) == (2, "")
    assert error.startswith("autoresearch: mine.py, line 13: backward: the harness alone runs")
    status, out, error = eval_here("eval", *SMALL, "--anyway")
    assert status == 0
    assert "mine.py:13: suspect (seeds): time.time: the clock differs in every run" in error
    status, out, error = eval_here("eval", *SMALL, "--anyway", "--json")
    assert (status, error) == (0, "")
    found = json.loads(out)["findings"]
    assert [row["level"] for row in found] == ["forbidden", "suspect"]


def test_eval_says_what_to_change_in_what_failed(eval_here: Call) -> None:
    Path("mine.py").write_text(published.FAILING["closure"][0])
    status, out, error = eval_here("eval", *SMALL)
    assert (status, out) == (3, "")
    assert error.endswith(
        "autoresearch: mine.py: exception: TypeError: 'NoneType' object is not callable; "
        "step without a closure: the harness calls step() alone, after one forward and backward "
        "pass\n"
    )


@pytest.mark.parametrize(
    "last",
    ["Submission = Mine", "Submission: type = Mine", "from torch.optim import SGD as Submission"],
)
def test_a_last_line_makes_a_submission(tmp_path: Path, run: Run, last: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(published.changed(("Submission = Mine", last)))
    assert candidates(tmp_path) == [path]
    assert broken(Submission(path.read_text())) == []
    assert run(path.read_text(), "mqar").complete


def test_check_allows_an_import_and_no_file(call: Call) -> None:
    Path("mine.py").write_text(f'"""Mine."""\nimport os, numpy as np\n{published.PLAIN}')
    assert call("check", "--static", "mine.py")[0] == 0
    Path("mine.py").write_text(f'"""Mine."""\nimport os\nos.remove("x")\n{published.PLAIN}')
    status, out, _ = call("check", "--static", "mine.py")
    assert status == 3
    assert "mine.py:3: forbidden (files and processes): os.remove: a submission has no files" in out
