"""The benchmark as one plain loop in one process, without any of this project's packages.

It is the yardstick: the isolated evaluation must give the same bits (tests) at nearly the same
cost (`evaluation_overhead.py`). Run it as
    python benchmarks/plain_loop.py mqar submissions/adamw/submission.py
"""

import argparse
import hashlib
import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SEEDS = {"teacher": 1729, "student": 314159, "train": 271828, "eval": 161803, "batch": 141421}
TEACHER = {"d": 128, "length": 64, "train": 8192, "eval": 2048, "batch": 512, "steps": 400}
RECALL = {"keys": 64, "pairs": 8, "d": 64, "train": 65536, "eval": 4096, "batch": 256, "steps": 400}
QUERIES = {"single_ar": 1, "mqar": 8}


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def teacher_task(size: dict[str, int], seeds: dict[str, int]) -> SimpleNamespace:
    teacher = nn.MultiheadAttention(size["d"], 1, batch_first=True)
    source = generator(seeds["teacher"])
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter.uniform_(-1, 1, generator=source)
    teacher.eval()

    def split(name: str) -> tuple[Tensor, Tensor]:
        x = torch.randn((size[name], size["length"], size["d"]), generator=generator(seeds[name]))
        with torch.no_grad():
            return x, teacher(x, x, x, need_weights=False)[0]

    train, evaluation = split("train"), split("eval")
    torch.manual_seed(seeds["student"])
    return SimpleNamespace(
        train=train,
        eval=evaluation,
        model=nn.MultiheadAttention(size["d"], 1, batch_first=True),
        loss=lambda model, x, y: F.mse_loss(model(x, x, x, need_weights=False)[0], y),
        metric=lambda model, x, y: F.mse_loss(model(x, x, x, need_weights=False)[0], y).item(),
    )


class RecallModel(nn.Module):
    def __init__(self, vocabulary: int, d: int, values: int) -> None:
        super().__init__()
        self.q = nn.Embedding(vocabulary, d)
        self.k = nn.Embedding(vocabulary, d)
        self.v = nn.Embedding(vocabulary, d)
        self.readout = nn.Linear(d, values)

    def forward(self, pairs: Tensor, queries: Tensor) -> Tensor:
        q, k, v = self.q(queries), self.k(pairs), self.v(pairs)
        return self.readout(F.scaled_dot_product_attention(q, k, v))  # type: ignore[no-any-return]


def recall_task(size: dict[str, int], seeds: dict[str, int], queries: int) -> SimpleNamespace:
    keys_in_all, pairs = size["keys"], size["pairs"]

    def split(name: str) -> tuple[Tensor, Tensor]:
        source, n = generator(seeds[name]), size[name]
        keys = torch.empty((n, pairs), dtype=torch.int64)
        for row in range(n):
            keys[row] = torch.randperm(keys_in_all, generator=source)[:pairs]
        values = torch.randint(keys_in_all, (n, pairs), generator=source)
        slots = torch.randint(pairs, (n, queries), generator=source)
        query = keys_in_all**2 + torch.gather(keys, 1, slots)
        return torch.cat((keys * keys_in_all + values, query), 1), torch.gather(values, 1, slots)

    train, evaluation = split("train"), split("eval")
    torch.manual_seed(seeds["student"])
    model = RecallModel(keys_in_all**2 + keys_in_all, size["d"], keys_in_all)

    def logits(model: nn.Module, x: Tensor) -> Tensor:
        return model(x[:, :pairs], x[:, pairs:])  # type: ignore[no-any-return]

    return SimpleNamespace(
        train=train,
        eval=evaluation,
        model=model,
        loss=lambda m, x, y: F.cross_entropy(logits(m, x).transpose(1, 2), y),
        metric=lambda m, x, y: (logits(m, x).argmax(-1) == y).float().mean().item(),
    )


def plain_loop(
    track: str,
    submission: Callable[..., torch.optim.Optimizer],
    size: dict[str, int] | None = None,
    seeds: dict[str, int] = SEEDS,
    eval_every: int = 0,
    device: str = "cpu",
) -> dict[str, Any]:
    """Train once and return the final metric, the curve, the last loss and the final parameters.

    Data and student are built on the CPU, as everywhere, and then moved to `device`.
    """
    if track == "random_teacher":
        size = size or TEACHER
        task = teacher_task(size, seeds)
    else:
        size = size or RECALL
        task = recall_task(size, seeds, QUERIES[track])
    order = torch.randint(
        0, size["train"], (size["steps"], size["batch"]), generator=generator(seeds["batch"])
    )
    hashes = [
        hashlib.sha256(t.contiguous().numpy()).hexdigest() for t in (*task.train, *task.eval, order)
    ]
    model, order = task.model.to(device), order.to(device)
    task.train, task.eval = ([t.to(device) for t in split] for split in (task.train, task.eval))
    optimizer = submission(model.parameters())

    def evaluate() -> float:
        model.eval()
        with torch.no_grad():
            return task.metric(model, *task.eval)  # type: ignore[no-any-return]

    curve = [(0, evaluate())]
    last_loss = float("nan")
    started = time.perf_counter()
    for step in range(1, size["steps"] + 1):
        model.train()
        rows = order[step - 1]
        optimizer.zero_grad(set_to_none=True)
        loss = task.loss(model, task.train[0][rows], task.train[1][rows])
        loss.backward()
        optimizer.step()
        last_loss = loss.item()
        if step == size["steps"] or (eval_every and step % eval_every == 0):
            curve.append((step, evaluate()))
    return {
        "track": track,
        "curve": curve,
        "final": curve[-1][1],
        "last_train_loss": last_loss,
        "loop_s": time.perf_counter() - started,
        "hashes": hashes,
        "parameters": [p.detach().clone() for p in model.parameters()],
    }


def load(path: Path) -> Callable[..., torch.optim.Optimizer]:
    spec = importlib.util.spec_from_file_location("submission", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Submission  # type: ignore[no-any-return]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track", choices=["random_teacher", "single_ar", "mqar"])
    parser.add_argument("submission", type=Path)
    parser.add_argument("--eval-every", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--repeat", type=int, default=1, help="runs in this process")
    parser.add_argument(
        "--deterministic", action="store_true", help="use torch's deterministic algorithms"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(arguments.deterministic, warn_only=True)
    submission_class = load(arguments.submission)
    for _ in range(arguments.repeat):
        started_at = time.perf_counter()
        outcome = plain_loop(
            arguments.track,
            submission_class,
            eval_every=arguments.eval_every,
            device=arguments.device,
        )
        del outcome["parameters"]
        outcome["whole_s"] = time.perf_counter() - started_at
        print(json.dumps(outcome), flush=True)
