"""The command line: what every verb prints, and one clear line for every bad input."""

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.cli.interrupt import interruptible
from helpers import ROOT, Call, sources
from helpers.files import BAD_FILES
from tracks.suite.random_teacher import RandomTeacher

ADAMW = str(ROOT / "submissions" / "adamw" / "submission.py")
COMMAND = [sys.executable, "-c", "import sys; from agent.cli.main import main; sys.exit(main())"]


BAD_INPUTS = [
    (["run", "--track", "moon"], "no track named 'moon'; there are: mqar, random_teacher"),
    (["run"], "which track? give --track NAME"),
    (["run", "--track", "mqar", "--budget", "-3"], "'--budget'"),
    (["run", "--track", "mqar", "--budget", "many"], "'--budget'"),
    (["run", "--track", "mqar", "--budget", "9" * 23], "'--budget'"),
    (["baseline", "--track", "mqar", "--budget", "1000001"], "'--budget'"),
    (["run", "--track", "mqar", "--jobs", "0"], "'--jobs'"),
    (["run", "--track", "mqar", "--seeds", "2"], "'--seeds'"),
    (["run", "--track", "mqar", "--objective", "best"], "'best' is not one of 'final', 'steps'"),
    (["run", "--track", "mqar", "--max-time", "soon"], "expected a positive number such as 90"),
    (["run", "--track", "mqar", "--scale", "huge"], "mqar has full, half, quarter, small, tiny"),
    (["run", "--track", "mqar", "--study", "a/b"], "study name 'a/b'"),
    (["run", "--track", "mqar", "--name", "../x"], "--name '../x'"),
    (
        ["run", "--track", "mqar", "--device", "abacus"],
        "'abacus' is not one of 'auto', 'cpu', 'cuda', 'mps'",
    ),
    (["run", "--resume", "nothing"], "no study named 'nothing'; there are: none yet"),
    (["run", "--resume", "a", "--study", "b"], "exclude each other"),
    (["run", "--resume", "", "--track", "mqar"], "--resume '': expected the name of a study"),
    (["run", "--track", "mqar", "--scheduler", ""], "--scheduler '': expected tcp://HOST:PORT"),
    (["survey", ""], "'': no such folder; expected a folder or the URL"),
    (["run", "--track", "mqar", "--submission", "gone.py"], "gone.py: No such file"),
    (["run", "--track", "mqar", "--nonsense"], "No such option: --nonsense"),
    (["eval", "--track", "moon", "--submission", ADAMW], "no track named 'moon'"),
    (["eval", "--track", "mqar", "--submission", "gone.py"], "gone.py: No such file"),
    (["eval", "--track", "mqar"], "submission"),
    (["eval", "--track", "mqar", "--submission", ADAMW, "--eval-every", "0"], "'--eval-every'"),
    (
        ["eval", "--track", "mqar", "--submission", ADAMW, "--results-json", "no/such/f.json"],
        "its folder does not exist",
    ),
    (["eval", "--track", "mqar", "--submission", ADAMW, "--instance", ""], "expected some text"),
    (
        ["eval", "--track", "mqar", "--submission", ADAMW, "--eval-every", "401"],
        "a run has 400 steps",
    ),
    (["baseline", "--track", "mqar", "--timeout", "soon"], "expected a positive number"),
    (["baseline", "--track", "mqar", "--timeout", "600h"], "a run gets no more than 480h"),
    (["baseline", "--track", "mqar", "--memory-mb", "9" * 14], "less than or equal to 10995"),
    (
        ["significance", "aa", "--track", "mqar", "--device", "abacus"],
        "'abacus' is not one of 'auto', 'cpu', 'cuda', 'mps'",
    ),
    (["fidelity", "--track", "mqar", "--memory-mb", "1"], "'--memory-mb'"),
    (["check", ADAMW, "--jobs", "0"], "'--jobs'"),
    (
        ["leaderboard", "--track", "mqar", "--scale", "huge"],
        "mqar has full, half, quarter, small, tiny",
    ),
    (["report", "nothing"], "no study named 'nothing'"),
    (["report", "nothing", "--csv", "no/such/f.csv"], "--csv no/such/f.csv: its folder does not"),
    (["leaderboard", "--track", "moon"], "no track named 'moon'"),
    (["dance"], "No such command 'dance'"),
]


@pytest.mark.parametrize(("words", "message"), BAD_INPUTS, ids=lambda x: " ".join(x)[:40])
def test_bad_input_gets_one_line(call: Call, words: list[str], message: str) -> None:
    status, out, error = call(*words)
    assert status == 2
    assert out == ""
    assert error.count("\n") == 1
    assert error.startswith("autoresearch: ")
    assert message in error
    assert not list(Path("runs").rglob("*.json"))


@pytest.mark.parametrize(("content", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_submission_gets_one_line(
    call: Call, content: bytes, message: str
) -> None:
    Path("mine.py").write_bytes(content)
    status, out, error = call(
        "eval", "--track", "mqar", "--scale", "small", "--submission", "mine.py"
    )
    assert (status, out) == (2, "")
    assert error.count("\n") == 1
    assert message in error


def test_debug_shows_the_traceback(call: Call) -> None:
    status, _, error = call("report", "nothing", "--debug")
    assert status == 2
    assert "Traceback" in error
    assert error.splitlines()[-1].startswith("autoresearch: no study named")


def test_an_internal_error_is_status_1(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RandomTeacher, "summary", property(lambda self: 1 / 0))
    status, _, error = call("tracks")
    assert status == 1
    assert error == (
        "autoresearch: internal error: ZeroDivisionError: division by zero; "
        "--debug shows the traceback\n"
    )


@pytest.mark.parametrize("model", ["openai:", "command:no-such-agent", "openai:tiny"])
def test_a_model_that_cannot_be_asked_leaves_nothing_behind(call: Call, model: str) -> None:
    words = ["--track", "mqar", "--proposer", "llm", "--model", model]
    assert call("run", *words)[0] == 2
    assert not Path("runs").exists()


def test_runs_that_cannot_be_written(call: Call) -> None:
    Path("runs").write_text("in the way")
    status, _, error = call("run", "--track", "mqar")
    assert status == 2
    assert "cannot write to" in error
    assert "make it writable, or run in another folder" in error


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes to read-only folders")
def test_read_only_runs(call: Call) -> None:
    Path("runs").mkdir(mode=0o555)
    status, _, error = call("run", "--track", "mqar")
    assert status == 2
    assert "Permission denied" in error


def test_a_damaged_ledger_is_told(call: Call) -> None:
    Path("runs").mkdir()
    Path("runs/ledger.db").write_bytes(b"not a database at all" * 100)
    status, _, error = call("status")
    assert status == 2
    assert "cannot open the ledger" in error


def test_a_study_of_another_track_is_not_resumed(call: Call, study: str) -> None:
    status, _, error = call("run", "--resume", study, "--track", "single_ar")
    assert status == 2
    assert "study done has --track mqar, not single_ar" in error


def test_a_budget_cannot_shrink_below_what_is_done(call: Call, study: str) -> None:
    status, _, error = call("run", "--resume", study, "--budget", "3")
    assert status == 2
    assert "has 4 finished trials already" in error


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seeds", "9"], "study done has --seeds 13, not 9; leave --seeds out"),
        (["--scale", "full"], "study done has --scale small, not full"),
        (["--seed", "5"], "study done has --seed 0, not 5"),
        (["--submission", "mine.py"], "room for 0 more trials, but 1 files were given"),
    ],
)
def test_what_a_resumed_study_cannot_honour_is_refused(
    call: Call, study: str, words: list[str], message: str
) -> None:
    Path("mine.py").write_text(sources.GRADIENT_DESCENT)
    status, _, error = call("run", "--resume", study, *words)
    assert status == 2
    assert message in error


def test_a_winner_does_not_take_the_name_of_another(call: Call) -> None:
    Path("submissions/adamw").mkdir(parents=True)
    status, _, error = call("run", "--track", "mqar", "--name", "adamw")
    assert status == 2
    assert "submissions/adamw exists already; choose another name" in error


def test_a_study_is_not_run_twice_at_once(call: Call, study: str) -> None:
    from agent.cli.inputs import open_ledger

    with open_ledger().open(study).locked():
        status, _, error = call("run", "--resume", study)
    assert status == 2
    assert "study done is being run by process" in error


def test_verbs_answer_in_json(call: Call, study: str) -> None:
    for words in (
        ["tracks"],
        ["status"],
        ["report", study],
        ["leaderboard", "--track", "mqar"],
        ["run", "--resume", study],
        ["eval", "--track", "mqar", "--scale", "small", "--submission", ADAMW],
    ):
        status, out, _ = call(*words, "--json")
        assert status == 0
        assert json.loads(out)["schema_version"] == 1


def test_verbs_answer_people(call: Call, study: str) -> None:
    assert "done" in call("status")[1]
    assert "best complete trials" in call("report", study)[1]
    assert "random_teacher" in call("tracks")[1]
    assert call("report", study, "--markdown", "out.md")[0] == 0
    assert Path("out.md").read_text().startswith("# Study done")
    assert "no studies yet" not in call("status")[1]


def test_the_leaderboard_has_the_baseline(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for track in ("random_teacher", "single_ar", "mqar"):
        status, out, _ = call("leaderboard", "--track", track, "--json")
        assert status == 0
        assert "adamw" in [entry["submission"] for entry in json.loads(out)["entries"]]


@pytest.mark.processes
def test_eval_writes_upstreams_fields(call: Call) -> None:
    words = ["--track", "random_teacher", "--scale", "small", "--submission", ADAMW]
    status, out, _ = call("eval", *words, "--results-json", "r.json", "--eval-every", "7")
    assert status == 0
    assert "final mse" in out
    record = json.loads(Path("r.json").read_text())
    upstream = {
        "submission", "submission_path", "track", "status", "training_wall_time_s", "duration_s",
        "steps", "max_steps", "eval_every", "train_samples", "eval_samples", "batch_size",
        "data_audit", "initial_eval_mse", "final_eval_mse", "best_eval_mse",
        "initial_eval_accuracy", "final_eval_accuracy", "best_eval_accuracy", "target_mse",
        "target_accuracy", "last_train_loss", "python", "torch", "device", "mps_available",
        "platform", "machine", "date_utc",
    }  # fmt: skip
    assert upstream | {"score", "steps_to_target"} <= set(record)
    assert record["submission"] == "adamw"
    assert record["status"] == "fail"
    assert record["final_eval_accuracy"] is None
    assert record["score"] == record["final_eval_mse"]
    assert [step for step, _ in record["curve"]] == [0, 7, 14, 21, 28, 35, 40]


@pytest.mark.processes
def test_eval_tells_the_first_look_that_met_the_target(call: Call) -> None:
    fast = sources.TORCH_ADAMW.replace("lr=1e-2", "lr=1e-1")
    Path("fast.py").write_text(fast)
    words = ["eval", "--track", "mqar", "--scale", "small", "--submission", "fast.py", "--json"]
    every, rare = (json.loads(call(*words, "--eval-every", k)[1]) for k in ("1", "10"))
    first = every["steps_to_target"]
    assert first == next(step for step, value in every["curve"] if value >= 0.99)
    assert rare["steps_to_target"] >= first
    assert rare["steps_to_target"] % 10 == 0
    assert every["final_eval_accuracy"] == rare["final_eval_accuracy"]


@pytest.mark.processes
def test_a_submission_that_fails_is_status_3(call: Call) -> None:
    Path("bad.py").write_text(sources.with_step("raise ValueError('boom')"))
    words = ["eval", "--track", "mqar", "--scale", "small", "--submission", "bad.py"]
    status, out, error = call(*words)
    assert (status, out) == (3, "")
    assert "raise ValueError('boom')" in error
    assert error.splitlines()[-1] == "autoresearch: bad.py: exception: ValueError: boom"
    status, out, _ = call(*words, "--json")
    assert status == 3
    record = json.loads(out)
    assert (record["state"], record["score"]) == ("exception", None)


@pytest.mark.processes
def test_an_instance_can_be_drawn_from_a_text(call: Call) -> None:
    words = ["eval", "--track", "mqar", "--scale", "small", "--submission", ADAMW, "--json"]
    first, again, other, official = (
        json.loads(call(*words, *drawn)[1])["final_eval_accuracy"]
        for drawn in (["--instance", "a"], ["--instance", "a"], ["--instance", "b"], [])
    )
    assert first == again
    assert len({first, other, official}) > 1


@pytest.mark.processes
def test_help_is_quick_and_has_examples() -> None:
    """No verb's help may load torch, which takes seconds."""
    program = (
        "import sys; from agent.cli.main import main; main({}); assert 'torch' not in sys.modules"
    )
    for verb in ("run", "eval", "report", "leaderboard", "status", "tracks"):
        command = [sys.executable, "-c", program.format([verb, "--help"])]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert f"autoresearch {verb}" in done.stdout.split("Example")[1]


def test_an_interrupt_that_was_dropped_comes_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interruptible(0.05):  # noqa: PT012
        # as in a finaliser, where Python drops it
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        time.sleep(60)
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt), interruptible(0.05):
        signal.raise_signal(signal.SIGINT)
    time.sleep(0.2)


def test_what_python_drops_of_an_interrupt_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    class Finalised:
        def __del__(self) -> None:
            raise self.error

        error: BaseException = KeyboardInterrupt()

    shown = sys.unraisablehook
    sys.unraisablehook = sys.__unraisablehook__
    try:
        with interruptible():
            Finalised()
            assert capsys.readouterr().err == ""
            Finalised.error = ValueError("a bug")
            Finalised()
            assert "a bug" in capsys.readouterr().err
        assert sys.unraisablehook is sys.__unraisablehook__
    finally:
        sys.unraisablehook = shown


def test_a_score_across_tracks_tells_specialists(call: Call) -> None:
    losses = {
        "both": {"mqar": 30, "random_teacher": 1e-6},
        "tables": {"mqar": 30},
        "attention": {"mqar": 400, "random_teacher": 1e-7},
    }
    for name, results in losses.items():
        tracks = {}
        for track, value in results.items():
            result = {"track": track, "scale": "full", "state": "complete", "max_steps": 400}
            steps = {"steps_to_target": value if track == "mqar" else None}
            tracks[track] = result | steps | {"final_eval_mse": value, "final_eval_accuracy": 0.99}
        folder = Path("submissions") / name
        folder.mkdir()
        (folder / "result.json").write_text(json.dumps({"tracks": tracks}))
    status, out, _ = call("leaderboard", "--json")
    assert status == 0
    rows = {row["submission"]: row for row in json.loads(out)["entries"]}
    assert next(iter(rows)) == "both"
    assert rows["both"]["ratios"] == {"random_teacher": 2.0, "mqar": 1.0}
    assert rows["both"]["score"] == pytest.approx((1 - math.log10(2) + 1) / 2)
    assert rows["both"]["verdict"] == "good on all it was measured on"
    assert rows["attention"]["verdict"] == "specialist: random_teacher"
    assert rows["tables"]["verdict"] == "measured on one track only"
    status, out, _ = call("leaderboard")
    assert status == 0
    assert "specialist: random_teacher" in out
