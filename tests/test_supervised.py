"""Sections of a measurement: what one does to the others, and what is left of a run that ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gpu
from helpers import ROOT
from supervised import GRACE_S

EIGHT_MINUTES_S = 480.0
SCRIPT = """
import os, signal, subprocess, sys, time
import supervised
from supervised import Section, main

supervised.GRACE_S = 0.5

def good(report):
    print("noise of a library", flush=True)
    os.system("echo noise of a program")
    report.tried("fails", lambda: 1 / 0)
    report("left", report.left_s > 0)

def hangs(report):
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
    report("grandchild", subprocess.Popen([sys.executable, "-c", stubborn]).pid)
    time.sleep(600)

def dies(report):
    report("before", 1)
    os.kill(os.getpid(), signal.SIGKILL)

SECTIONS = {
    "hangs": Section(hangs, float(os.environ["HANGS_S"])), "dies": Section(dies, 30.0),
    "good": Section(good, 30.0),
    "rare": Section(good, 9.0, asked_for=True),
}
if __name__ == "__main__":
    main(__file__, "", SECTIONS, float(os.environ["WHOLE_S"]))
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    script = tmp_path / "measured.py"
    script.write_text(SCRIPT)
    return [sys.executable, str(script), "--out", str(tmp_path / "out.json")]


def environment(whole_s: float, hangs_s: float) -> dict[str, str]:
    path, times = str(ROOT / "benchmarks"), {"WHOLE_S": str(whole_s), "HANGS_S": str(hangs_s)}
    return {**os.environ, "PYTHONPATH": path, **times}


def last_line(text: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(text.splitlines()[-1])
    return found


def test_what_matters_most_on_a_gpu_fits_into_eight_minutes() -> None:
    """A main job of two minutes has a plain loop's runs before it, which take some 20 s."""
    first = list(gpu.SECTIONS)[:6]
    assert {"parity", "main_job_random_teacher", "throughput", "main_job_mqar"} <= set(first)
    assert sum(gpu.SECTIONS[name].deadline_s for name in first) <= gpu.WHOLE_S
    assert gpu.WHOLE_S + 2 * GRACE_S <= EIGHT_MINUTES_S
    assert gpu.SECTIONS["main_job_random_teacher"].deadline_s >= 120 + 20 + gpu.RESERVE_S


@pytest.mark.processes
def test_a_section_that_hangs_or_dies_costs_only_itself(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(command, env=environment(60.0, 5.0), capture_output=True, text=True)
    found = last_line(done.stdout)
    assert found == json.loads((tmp_path / "out.json").read_text())
    assert list(found) == ["hangs", "dies", "good"]
    assert found["hangs"]["failed"].startswith("its time was up")
    assert not Path(f"/proc/{found['hangs']['grandchild']}").exists()
    assert found["dies"] == found["dies"] | {"before": 1, "failed": "exit status -9: "}
    assert "ZeroDivisionError" in found["good"]["fails"]["failed"]
    assert found["good"]["left"] is True
    assert "noise" not in done.stdout


@pytest.mark.processes
def test_without_time_a_section_is_not_begun(command: list[str]) -> None:
    done = subprocess.run(command, env=environment(1.0, 60.0), capture_output=True, text=True)
    assert set(last_line(done.stdout)) == {"hangs", "dies", "good"}
    assert last_line(done.stdout)["good"] == {"failed": "not begun: no time was left"}


@pytest.mark.processes
def test_a_run_that_is_ended_leaves_its_results_and_no_process(command: list[str]) -> None:
    with subprocess.Popen(
        [*command, "--only", "hangs"],
        env=environment(60.0, 60.0),
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        first = run.stdout.readline()
        run.send_signal(signal.SIGTERM)
        rest = run.stdout.read()
        assert run.wait() == 128 + signal.SIGTERM
    pid = last_line(rest)["hangs"]["grandchild"]
    assert first == f"hangs: grandchild: {pid}\n"
    assert not Path(f"/proc/{pid}").exists()
