"""What the project does on a machine with an NVIDIA GPU, in at most eight minutes of it.

    python benchmarks/gpu.py --out gpu.json
    python benchmarks/gpu.py --only parity --only throughput
    python benchmarks/gpu.py --only tiny_lm

Every section is a process of its own with a deadline; each result is printed and written as soon as
it is there, so that a section that hangs or fails costs only itself. The last line printed, and the
file, are one JSON object. It runs from the source tree and needs no network.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ADAMW = ROOT / "submissions" / "adamw" / "submission.py"
TRACKS = ("random_teacher", "mqar", "single_ar")
# cuBLAS reads it when the context is made; our own processes have the same
os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
Report = Callable[[str, Any], None]


def machine(report: Report) -> None:
    """What was measured on."""
    import torch

    report("python", platform.python_version())
    report("torch", torch.__version__)
    report("cores", len(os.sched_getaffinity(0)))
    report("available", torch.cuda.is_available())
    if torch.cuda.is_available():
        gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
        report("gpus", [f"{gpu.name}, {gpu.total_memory / 2**30:.0f} GiB" for gpu in gpus])
        report("cuda", torch.version.cuda)


def cpu(report: Report) -> None:
    """A CPU evaluation on this machine: mqar, to the bits of a plain loop on its CPU."""
    ours = evaluated("mqar", device="cpu", trainer="exact")
    plain = plain_runs("mqar", "cpu")[0]
    report("mqar", {"ours": ours["final"], "plain": plain["final"]})
    report("equal", (ours["final"], ours["last"]) == (plain["final"], plain["last_train_loss"]))


def parity(report: Report) -> None:
    """The exact trainer against a plain loop on the GPU, bit for bit, every 40 steps.

    torch sums the value of a token track's loss (nll_loss2d, not its gradient) in any order, so
    that a repeat of the plain loop differs in its last bit.
    """
    for track in TRACKS:
        plain = plain_runs(track, "cuda", repeat=2, eval_every=40)
        ours = evaluated(track, device="cuda:0", trainer="exact", eval_every=40)
        curves = [[value for _, value in run["curve"]] for run in plain]
        report(track, {
            "ours": ours["final"], "plain": plain[0]["final"],
            "equal": ours["curve"] == curves[0], "plain_repeats": curves[0] == curves[1],
            "losses": [ours["last"], *(run["last_train_loss"] for run in plain)],
            "plain_loop_s": plain[1]["loop_s"], "ours_s": ours["seconds"],
        })  # fmt: skip


def fused(report: Report) -> None:
    """Closed-form gradients against the exact trainer, and against themselves."""
    for track in TRACKS:
        exact = evaluated(track, device="cuda:0", trainer="exact")
        twice = [evaluated(track, device="cuda:0", trainer="fused") for _ in range(2)]
        report(track, {
            "exact": exact["final"], "fused": twice[0]["final"],
            "fused_repeats": twice[0]["final"] == twice[1]["final"],
            "exact_s": exact["training_s"], "fused_s": twice[1]["training_s"],
        })  # fmt: skip


def throughput(report: Report) -> None:
    """Full evaluations a second by the number of jobs, adamw, after each has run once."""
    for track in ("random_teacher", "mqar"):
        for trainer in ("fused", "exact"):
            for jobs in (1, 4, 8) if trainer == "fused" else (4,):
                rate = evaluations_a_second(track, trainer, jobs)
                report(f"{track} {trainer} jobs={jobs}", round(rate, 3))


def memory(report: Report) -> None:
    """An optimizer that asks for more GPU memory than it may have ends with a state."""
    greedy = (
        "import torch\nclass Submission(torch.optim.SGD):\n"
        "    def __init__(self, params):\n        super().__init__(params, lr=0.1)\n"
        "        device = self.param_groups[0]['params'][0].device\n"
        "        self.hoard = torch.empty(2**34, device=device)\n"
    )
    ended = evaluated("mqar", device="cuda:0", trainer="exact", source=greedy)
    report("greedy", {"state": ended["state"], "reason": ended["reason"][:200]})
    report("after", evaluated("mqar", device="cuda:0", trainer="exact")["final"])


def sandbox(report: Report) -> None:
    """Every level for an optimizer on the GPU, and the whole sandbox for one beside it."""
    for trainer, level in (("exact", "rlimits"), ("exact", "seccomp"), ("fused", "full")):
        ended = evaluated("mqar", device="cuda:0", trainer=trainer, sandbox=level)
        found = {key: ended[key] for key in ("state", "reason", "sandbox", "final")}
        report(f"{trainer} {level}", found)


def tiny_lm(report: Report) -> None:
    """A language model in bfloat16: a plain loop, a compiled one, and a recorded step of ours."""
    for scale in ("5m", "large"):
        words = ["--device", "cuda:0", "--scale", scale, "--repeat", "2", "--random-text"]
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / "tiny_lm.py"), *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        )  # fmt: skip
        report(scale, json.loads(done.stdout) if done.returncode == 0 else done.stderr[-1500:])


def main_job(report: Report, track: str) -> None:
    """The 50-trial main job with confirmation and ablation, and 50 plain runs beside it."""
    plain = plain_runs(track, "cuda", repeat=3)
    report("plain_run_s", [round(run["whole_s"], 3) for run in plain])
    report("50_plain_runs_s", round(50 * min(run["whole_s"] for run in plain), 1))
    folder = Path(tempfile.mkdtemp(prefix="gpu-main-job-"))
    words = ["run", "--track", track, "--budget", "50", "--device", "cuda", "--study", "gpu"]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "agent", *words, "--no-commit", "--json"],
        cwd=folder, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    report("main_job_s", round(time.perf_counter() - started, 1))
    report("status", done.returncode)
    report("said", done.stderr[-1500:])
    if done.stdout.strip():
        data = json.loads(done.stdout)
        report("stages_s", data.get("stages_s"))
        report("complete", data.get("complete"))
    shutil.rmtree(folder, ignore_errors=True)


def main_job_random_teacher(report: Report) -> None:
    """The main job on random_teacher."""
    main_job(report, "random_teacher")


def main_job_mqar(report: Report) -> None:
    """The main job on mqar."""
    main_job(report, "mqar")


SECTIONS: dict[str, tuple[Callable[[Report], None], float]] = {
    "machine": (machine, 20),
    "cpu": (cpu, 60),
    "parity": (parity, 60),
    "fused": (fused, 40),
    "memory": (memory, 30),
    "sandbox": (sandbox, 40),
    "throughput": (throughput, 90),
    "main_job_random_teacher": (main_job_random_teacher, 130),
    "main_job_mqar": (main_job_mqar, 100),
    "tiny_lm": (tiny_lm, 300),
}
"""Name -> what it does, and its deadline in seconds."""
ASKED_FOR = {"tiny_lm"}
"""Sections that run only with --only: the eight minutes are for the others."""
WHOLE_S = 470.0

_launchers: dict[str, Any] = {}


def launcher(device: str) -> Any:
    from tracks.device import kind
    from tracks.isolation.launcher import Launcher

    if kind(device) not in _launchers:
        _launchers[kind(device)] = Launcher(device)
    return _launchers[kind(device)]


def evaluated(
    track: str,
    *,
    device: str,
    trainer: Any,
    source: str | None = None,
    sandbox: str | None = None,
    eval_every: int = 400,
) -> dict[str, Any]:
    """One evaluation of adamw, or of `source`, on the official instance."""
    from tracks.instance import official_instance
    from tracks.isolation.evaluate import evaluate
    from tracks.isolation.levels import Level
    from tracks.isolation.limits import Limits
    from tracks.procedure import Procedure
    from tracks.submission import Submission

    started = time.perf_counter()
    evaluation = evaluate(
        Submission(source or ADAMW.read_text()),
        official_instance(track),
        launcher(device),
        procedure=Procedure(eval_every, trainer),
        limits=Limits(wall_s=60.0, sandbox=Level(sandbox) if sandbox else None),
        device=device,
    )
    return {
        "state": evaluation.state,
        "reason": evaluation.reason,
        "sandbox": evaluation.sandbox,
        "final": evaluation.last if evaluation.curve else None,
        "curve": [value for _, value in evaluation.curve],
        "last": evaluation.last_train_loss,
        "training_s": round(evaluation.training_wall_time_s, 3),
        "seconds": round(time.perf_counter() - started, 3),
    }


def plain_runs(
    track: str, device: str, repeat: int = 1, eval_every: int = 0
) -> list[dict[str, Any]]:
    """A plain loop in one process; tables need deterministic algorithms for equal bits on a GPU."""
    words = [str(ADAMW), "--device", device, "--repeat", str(repeat)]
    words += ["--eval-every", str(eval_every)]
    words += ["--deterministic"] if device != "cpu" and track != "random_teacher" else []
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "plain_loop.py"), track, *words],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def evaluations_a_second(track: str, trainer: Any, jobs: int, rounds: int = 3) -> float:
    """Of `rounds` evaluations for each job, once every job's trainer has its data."""
    from concurrent.futures import ThreadPoolExecutor

    def one(_: int) -> None:
        result = evaluated(track, device="cuda:0", trainer=trainer)
        assert result["state"] == "complete", result

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, range(jobs)))
        started = time.perf_counter()
        list(pool.map(one, range(jobs * rounds)))
    return jobs * rounds / (time.perf_counter() - started)


def run_section(name: str) -> None:
    """In a process of its own: one JSON line a result on standard output."""
    sys.path.insert(0, str(ROOT))

    def report(what: str, value: Any) -> None:
        print(json.dumps({what: value}), flush=True)

    try:
        SECTIONS[name][0](report)
    finally:
        for opened in _launchers.values():
            opened.close()


def supervise(name: str, deadline_s: float, report: Report) -> None:
    """Run a section and pass its results on until it ends or its time is up."""
    command = [sys.executable, str(Path(__file__).resolve()), "--section", name]
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors, subprocess.Popen(
        ["timeout", "--kill-after=5", str(deadline_s), *command],
        stdout=subprocess.PIPE, stderr=errors, text=True,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        for line in child.stdout:
            for what, value in json.loads(line).items():
                report(what, value)
        status = child.wait()
        if status:
            errors.seek(0)
            why = "its time was up" if status in (124, 137) else f"exit status {status}"
            report("failed", f"{why}: {errors.read()[-1500:]}")
    report("section_s", round(time.monotonic() - started, 1))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=SECTIONS, help="repeatable")
    parser.add_argument("--out", type=Path, help="file that gets every result at once")
    parser.add_argument("--section", choices=SECTIONS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.section:
        run_section(arguments.section)
        return
    results: dict[str, dict[str, Any]] = {}
    started = time.monotonic()
    for name in arguments.only or [name for name in SECTIONS if name not in ASKED_FOR]:
        results[name] = {}

        def report(what: str, value: Any, name: str = name) -> None:
            results[name][what] = value
            print(f"{name}: {what}: {json.dumps(value)}", flush=True)
            if arguments.out:
                arguments.out.write_text(json.dumps(results, indent=2) + "\n")

        left = WHOLE_S - (time.monotonic() - started)
        if left < 10:
            report("failed", "not begun: the eight minutes were up")
            continue
        supervise(name, min(SECTIONS[name][1], left), report)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
