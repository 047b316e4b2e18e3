"""Training time of tiny_lm in the sandbox beside a plain loop of the same model, in turns.

python benchmarks/tiny_lm.py
python benchmarks/tiny_lm.py --scale 370k --repeat 2
python benchmarks/tiny_lm.py --scale large --device cuda:0 --random-text
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch

from search_space.recipes import RECIPES
from search_space.render import render
from tracks import gpu
from tracks.base import Track
from tracks.device import is_cuda
from tracks.instance import official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits
from tracks.procedure import Procedure
from tracks.registry import find_track
from tracks.submission import Submission

WARM_UP = 20
"""Steps before the clock starts on a GPU, where kernels are compiled and graphs recorded."""
RANDOM_BYTES = 26_000_000
"""Enough for the scale large."""


def plain_s(
    track: Track, scale: str, device: str = "cpu", *, compiled: bool = False
) -> tuple[float, float]:
    """Seconds of a loop with adamw in this process, and its final metric."""
    instance = official_instance(track.name, scale)
    data = [tensor.to(device) for tensor in track.data(instance.seeds, scale)]
    inputs, targets, eval_inputs, eval_targets, batches = data
    model = track.student(instance.seeds, scale).to(device)
    called: Any = torch.compile(model, mode="reduce-overhead") if compiled else model
    found: dict[str, Any] = {}
    exec(render(RECIPES["adamw"], len(batches)), found)
    optimizer = found["Submission"](model.parameters())
    warm_up = WARM_UP if is_cuda(device) else 0
    for step, rows in enumerate(batches):
        if step == warm_up:
            gpu.synchronize(device)
            started = time.perf_counter()
        optimizer.zero_grad()
        track.loss(called, inputs[rows], targets[rows]).backward()
        optimizer.step()
    gpu.synchronize(device)
    seconds = (time.perf_counter() - started) * len(batches) / (len(batches) - warm_up)
    model.eval()
    with torch.no_grad():
        return seconds, track.measure(model, eval_inputs, eval_targets)


def ours_s(launcher: Launcher, track: Track, scale: str, device: str) -> tuple[float, float]:
    """The same of an evaluation in the sandbox."""
    steps = track.scales[scale].max_steps
    found = evaluate(
        Submission(render(RECIPES["adamw"], steps)),
        official_instance(track.name, scale),
        launcher,
        procedure=Procedure(steps, "fused"),
        limits=Limits(3600.0, memory_mb=16_384),
        device=device,
    )
    assert found.complete, found.reason
    return found.training_wall_time_s, found.last


def compared(track: Track, scale: str, device: str, repeat: int) -> dict[str, Any]:
    """Seconds of each way by name, the ratios to ours, and the final metrics."""
    found: dict[str, list[tuple[float, float]]] = {"plain": [], "compiled": [], "ours": []}
    with Launcher(device) as launcher:
        for _ in range(repeat):
            found["plain"].append(plain_s(track, scale, device))
            if is_cuda(device):
                found["compiled"].append(plain_s(track, scale, device, compiled=True))
            found["ours"].append(ours_s(launcher, track, scale, device))
    ran = {name: runs for name, runs in found.items() if runs}
    return {
        "scale": scale,
        "device": device,
        **{f"{name}_s": [round(s, 3) for s, _ in runs] for name, runs in ran.items()},
        **{
            f"ours/{name}": _ratio(ran["ours"], runs)
            for name, runs in ran.items()
            if name != "ours"
        },
        "final": {name: runs[0][1] for name, runs in ran.items()},
    }


def _ratio(ours: list[tuple[float, float]], other: list[tuple[float, float]]) -> float:
    return round(median(a / b for (a, _), (b, _) in zip(ours, other, strict=True)), 3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="full")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--random-text", action="store_true", help="in place of the track's text")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        name = "tiny_lm"
        if arguments.random_text:
            text = Path(folder) / "random.txt"
            text.write_bytes(torch.randint(97, 123, (RANDOM_BYTES,), dtype=torch.uint8).numpy())
            name = str(text)
        asked = (arguments.scale, arguments.device, arguments.repeat)
        print(json.dumps(compared(find_track(name), *asked)))


if __name__ == "__main__":
    main()
