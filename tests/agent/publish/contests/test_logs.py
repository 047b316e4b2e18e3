"""Logs of contests' scripts, and the statistics of the forms that read them."""

from pathlib import Path

import pytest

from agent.publish.contests.logs import Log, read_log
from agent.publish.contests.track3 import earliest
from agent.study.errors import UserError
from helpers.contest_script import RULE, golf_log


def track3_log(path: Path, *runs: dict[int, float], code: str = "print()\n") -> Log:
    lines = [code, RULE, "Running PyTorch", RULE]
    for losses in runs:
        lines += [
            f"step:{step}/100 val_loss:{loss:.5f} train_time:{step / 10:.3f}s step_avg:nanms"
            for step, loss in losses.items()
        ]
    path.write_text("\n".join(lines) + "\n")
    return read_log(path)


def test_a_log_of_several_runs(tmp_path: Path) -> None:
    runs = {0: 10.8, 75: 3.281, 100: 3.276}, {0: 10.8, 75: 3.280, 100: 3.277}
    log = track3_log(tmp_path / "a.txt", *runs)
    assert log.code == "print()\n\n"
    assert log.trials == list(runs)
    assert log.training_seconds == 10.0


def test_the_steps_are_the_fewest_at_which_all_runs_pass_together(tmp_path: Path) -> None:
    one = track3_log(tmp_path / "a.txt", {0: 9.0, 50: 3.279, 75: 3.276, 100: 3.275})
    two = track3_log(tmp_path / "b.txt", {0: 9.0, 75: 3.277, 100: 3.275})
    step, rule = earliest([one, two])
    assert step == 75
    assert rule.mean == pytest.approx(3.2765)
    step, rule = earliest([track3_log(tmp_path / "c.txt", {0: 9.0, 50: 3.279, 100: 3.2785})])
    assert (step, rule.holds) == (100, False)
    with pytest.raises(UserError, match="no step was evaluated in all runs"):
        earliest([one, track3_log(tmp_path / "d.txt", {1: 9.0})])


def test_a_log_of_parameter_golf(tmp_path: Path) -> None:
    log = read_log(golf_log(tmp_path / "train.log", 1337))
    assert log.seed == "1337"
    assert log.bits == (2.07269931, 1.2243657)
    assert (log.code_bytes, log.total_bytes) == (47642, 15863489)
    assert (log.training_seconds, log.evaluation_seconds) == (599.0, 1.401)
    without = read_log(golf_log(tmp_path / "train_seed42.log", 7))
    assert Log(without.name, without.text.replace("seed:7", ""), "", without.trials).seed == "42"


def test_a_later_form_of_parameter_golfs_logs(tmp_path: Path) -> None:
    path = tmp_path / "train.log"
    path.write_text(
        "  seed: 42\n4000/20000 val_loss: 2.9165 val_bpb: 1.1291\n"
        "stopping_early: wallclock_cap train_time: 588045ms step: 4915/20000\n"
        "legal_ttt_exact val_loss:2.78966630 val_bpb:1.07996676 eval_time:330420ms\n"
    )
    log = read_log(path)
    assert (log.seed, log.bits) == ("42", (2.7896663, 1.07996676))
    assert log.trials == [{4000: 2.9165}]
    assert (log.training_seconds, log.evaluation_seconds) == (588.045, 330.42)


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("val_loss:3.2\n")
    with pytest.raises(UserError, match=r"no line such as step:3250/3250 val_loss:3.2787"):
        read_log(tmp_path / "notes.txt")
    with pytest.raises(UserError, match="No such file"):
        read_log(tmp_path / "none.txt")
