"""What the project does on a machine with an NVIDIA GPU, in at most eight minutes of it.

    python benchmarks/gpu.py --out gpu.json
    python benchmarks/gpu.py --only parity --only throughput
    python benchmarks/gpu.py --only tiny_lm

Every section is a process of its own with a deadline; each result is printed and written as soon as
it is there, so that a section that hangs or fails costs only itself. The last line printed, and the
file, are one JSON object, also where this is ended early. What matters most comes first. It runs
from the source tree and needs no network.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer
from typing import Any

from adamw_runs import (
    ROOT,
    TRACKS,
    Prepared,
    completed,
    evaluated,
    output_of,
    plain_runs,
    source_path,
)
from supervised import Report, Section, main

RESERVE_S = 8.0
"""Of a section's time: for what it reports after a main job that it has ended."""


def machine(report: Report) -> None:
    """What was measured on."""
    report("python", platform.python_version())
    report("cores", len(os.sched_getaffinity(0)))
    report("kernel", platform.release())
    report("root", os.geteuid() == 0)
    report.tried("sandbox", _sandbox_here)
    import torch

    report("torch", torch.__version__)
    report("cuda", torch.version.cuda)
    report("available", torch.cuda.is_available())
    gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    report("gpus", [f"{gpu.name}, {gpu.total_memory / 2**30:.0f} GiB" for gpu in gpus])


def _sandbox_here() -> dict[str, Any]:
    """The level of an optimizer host on the CPU, and why a layer is missing."""
    from tracks.isolation.sandbox import probe

    box = probe()
    return {"level": box.level, "missing": {name: why for name, why in box.layers.items() if why}}


def cpu(report: Report) -> None:
    """A CPU evaluation on this machine: mqar, to the bits of a plain loop on its CPU."""
    with Prepared("cpu", ["mqar"]), ThreadPoolExecutor(1) as beside:
        plain_one = beside.submit(plain_runs, "mqar", "cpu")
        ours = completed("mqar", device="cpu", trainer="exact")
        report("mqar ours", ours["final"])
        plain = plain_one.result()[0]
    report("mqar plain", plain["final"])
    report("equal", (ours["final"], ours["last"]) == (plain["final"], plain["last_train_loss"]))


def parity(report: Report) -> None:
    """The exact trainer against a plain loop on the GPU, bit for bit, every 40 steps.

    torch sums the value of a token track's loss (nll_loss2d, not its gradient) in any order, so
    that a repeat of the plain loop differs in its last bit.
    """
    with Prepared("cuda"):
        for track in TRACKS:
            report.tried(track, lambda track=track: _parity_of(track))
    # as upstream runs it: the setting changes the order of cuBLAS's sums
    report.tried("random_teacher plain, without CUBLAS_WORKSPACE_CONFIG", lambda: plain_runs(
        "random_teacher", "cuda", workspace=False)[0]["final"])  # fmt: skip


def _parity_of(track: str) -> dict[str, Any]:
    plain = plain_runs(track, "cuda", repeat=2, eval_every=40)
    ours = completed(track, device="cuda:0", trainer="exact", eval_every=40)
    curves = [[value for _, value in run["curve"]] for run in plain]
    return {
        "ours": ours["final"], "plain": plain[0]["final"],
        "equal": ours["curve"] == curves[0], "plain_repeats": curves[0] == curves[1],
        "losses": [ours["last"], *(run["last_train_loss"] for run in plain)],
        "plain_loop_s": plain[1]["loop_s"], "ours_s": ours["seconds"],
    }  # fmt: skip


def fused(report: Report) -> None:
    """Closed-form gradients against the exact trainer, and against themselves."""
    with Prepared("cuda"):
        for track in TRACKS:
            report.tried(track, lambda track=track: _fused_of(track))


def _fused_of(track: str) -> dict[str, Any]:
    exact = completed(track, device="cuda:0", trainer="exact")
    twice = [completed(track, device="cuda:0", trainer="fused") for _ in range(2)]
    return {
        "exact": exact["final"], "fused": twice[0]["final"],
        "fused_repeats": twice[0]["final"] == twice[1]["final"],
        "exact_s": exact["training_s"], "fused_s": twice[1]["training_s"],
    }  # fmt: skip


def throughput(report: Report) -> None:
    """Full evaluations a second by the number of jobs, adamw, after each has run once."""
    with Prepared("cuda", TRACKS[:2]):
        for track in TRACKS[:2]:
            for trainer in ("fused", "exact"):
                for jobs in (1, 4, 8) if trainer == "fused" else (4,):
                    asked = (track, trainer, jobs)
                    report.tried(
                        f"{track} {trainer} jobs={jobs}",
                        lambda asked=asked: evaluations_a_second(*asked),
                    )


def evaluations_a_second(track: str, trainer: str, jobs: int, rounds: int = 2) -> float:
    """Of `rounds` evaluations for each job, once every job's trainer has its data."""

    def one(_: int) -> None:
        completed(track, device="cuda:0", trainer=trainer)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, range(jobs)))
        started = time.perf_counter()
        list(pool.map(one, range(jobs * rounds)))
    return round(jobs * rounds / (time.perf_counter() - started), 3)


def memory(report: Report) -> None:
    """An optimizer that asks for more GPU memory than it may have ends with a state."""
    greedy = (
        "import torch\nclass Submission(torch.optim.SGD):\n"
        "    def __init__(self, params):\n        super().__init__(params, lr=0.1)\n"
        "        device = self.param_groups[0]['params'][0].device\n"
        "        self.hoard = torch.empty(2**34, device=device)\n"
    )
    with Prepared("cuda", ["mqar"]):
        ended = evaluated("mqar", device="cuda:0", trainer="exact", source=greedy)
        report("greedy", {"state": ended["state"], "reason": ended["reason"][:200]})
        report("after", completed("mqar", device="cuda:0", trainer="exact")["final"])


def sandbox(report: Report) -> None:
    """Every level for an optimizer on the GPU, and the whole sandbox for one beside it."""

    def tried(trainer: str, level: str) -> dict[str, Any]:
        ended = evaluated("mqar", device="cuda:0", trainer=trainer, sandbox=level)
        return {key: ended[key] for key in ("state", "reason", "sandbox", "final")}

    with Prepared("cuda", ["mqar"]):
        for asked in (("exact", "rlimits"), ("exact", "seccomp"), ("fused", "full")):
            report.tried(" ".join(asked), lambda asked=asked: tried(*asked))


def tiny_lm(report: Report) -> None:
    """A language model in bfloat16: a plain loop, a compiled one, and a recorded step of ours."""
    for scale in ("5m", "large"):
        words = ["--device", "cuda:0", "--scale", scale, "--repeat", "2", "--random-text"]
        script = [str(ROOT / "benchmarks" / "tiny_lm.py"), *words]
        report.tried(scale, lambda script=script: json.loads(output_of(*script)))


def main_job(report: Report, track: str) -> None:
    """The 50-trial main job with confirmation and ablation, and 50 plain runs beside it."""
    report.tried("plain_run_s", lambda: _plain_run_s(track))
    with tempfile.TemporaryDirectory(prefix="gpu-", ignore_cleanup_errors=True) as folder:
        words = ["run", "--track", track, "--budget", "50", "--device", "cuda", "--study", "gpu"]
        output, started = Path(folder) / "output.json", time.perf_counter()
        with output.open("w") as file, subprocess.Popen(
            [sys.executable, "-m", "agent", *words, "--no-commit", "--json"],
            cwd=folder, env=os.environ | source_path(), stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.PIPE, text=True, errors="replace",
        ) as job:  # fmt: skip
            late = Timer(max(1.0, report.left_s - RESERVE_S), job.terminate)
            late.start()
            assert job.stderr is not None
            for line in job.stderr:
                report(f"at {time.perf_counter() - started:.1f} s", line.rstrip())
            report("status", job.wait())
            report("in time", late.is_alive())
            late.cancel()
        report("main_job_s", round(time.perf_counter() - started, 1))
        if text := output.read_text():
            found = json.loads(text)
            report("stages_s", found.get("stages_s"))
            report("complete", found.get("complete"))


def _plain_run_s(track: str) -> dict[str, Any]:
    seconds = [run["whole_s"] for run in plain_runs(track, "cuda", repeat=2)]
    return {"runs": [round(one, 3) for one in seconds], "50 runs": round(50 * min(seconds), 1)}


def of_main_job(track: str) -> Callable[[Report], None]:
    """The section that runs it on this track."""
    return lambda report: main_job(report, track)


SECTIONS = {
    "machine": Section(machine, 25.0),
    "cpu": Section(cpu, 40.0),
    "parity": Section(parity, 65.0),
    "main_job_random_teacher": Section(of_main_job("random_teacher"), 150.0),
    "throughput": Section(throughput, 85.0),
    "main_job_mqar": Section(of_main_job("mqar"), 105.0),
    "fused": Section(fused, 40.0),
    "sandbox": Section(sandbox, 40.0),
    "memory": Section(memory, 30.0),
    "tiny_lm": Section(tiny_lm, 300.0, asked_for=True),
}
"""In order of weight. The first six may take all of their time; the others have what is left."""
WHOLE_S = 470.0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(__file__, __doc__, SECTIONS, WHOLE_S)
