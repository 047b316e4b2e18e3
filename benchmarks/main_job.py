"""The main job against plain full runs: how many of them fit into its time.

    python benchmarks/main_job.py random_teacher --budget 50

Times one run of the plain loop alone, then `autoresearch run` with confirmation and ablation in an
empty git repository, both as whole processes, and prints the seconds of each stage, the processor
and the ratio.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
ADAMW = ROOT / "submissions" / "adamw" / "submission.py"


def timed(command: list[str], folder: str) -> tuple[float, str]:
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE)
    return time.perf_counter() - started, done.stdout.decode()


def processor_name() -> str:
    names = re.findall(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return names[0] if names else platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    parser.add_argument("--budget", type=int, default=50)
    arguments = parser.parse_args()
    program = [
        sys.executable,
        "-c",
        "import sys; from agent.cli.main import main; sys.exit(main())",
    ]
    job = ["run", "--track", arguments.track, "--budget", str(arguments.budget), "--json"]
    with TemporaryDirectory() as folder:
        plain = [sys.executable, str(ROOT / "benchmarks" / "plain_loop.py"), arguments.track]
        alone, _ = timed([*plain, str(ADAMW)], folder)
        print(f"plain full run: {alone:.0f} s", flush=True)
        subprocess.run(["git", "init", "-q", folder], check=True)
        whole, output = timed([*program, *job], folder)
    report = json.loads(output)
    print(f"{report['finished']} trials, {report['complete']} of them in full; verdict: "
          f"{report['verdict']['reason']}")  # fmt: skip
    stages = ", ".join(f"{stage} {spent:.0f} s" for stage, spent in report["stages_s"].items())
    print(f"stages: {stages}")
    print(f"processor: {processor_name()}, {os.cpu_count()} cores")
    print(f"main job: {whole:.0f} s, the time of {whole / alone:.1f} plain full runs")


if __name__ == "__main__":
    main()
