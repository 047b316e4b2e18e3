"""Optimizers in the shape in which they are published: for other trainers than this one."""

ORTHOGONAL = """
def orthogonal(g, steps=5):
    x = g / (g.norm() + 1e-7)
    for _ in range(steps):
        a = x @ x.mT
        x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
    return x
"""

MUON = (
    """
import os
import torch
import torch.distributed as dist
"""
    + ORTHOGONAL
    + """

class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.02, momentum=0.95):
        super().__init__(params, dict(lr=lr, momentum=momentum))
        self.world = dist.get_world_size() if dist.is_initialized() else 1
        self.rank = int(os.environ.get("RANK", 0))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for index, p in enumerate(group["params"]):
                if p.grad is None or index % self.world != self.rank:
                    continue
                buffer = self.state[p].setdefault("buffer", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                p.sub_(orthogonal(buffer) if p.ndim == 2 else buffer, alpha=group["lr"])
                if dist.is_initialized():
                    dist.broadcast(p, self.rank)
"""
)

SCHEDULE_FREE = """
from typing import Callable, Optional, Union

import torch
from typing_extensions import TypeAlias

try:
    from torch.optim.optimizer import ParamsT
except ImportError:
    ParamsT: TypeAlias = list

class AdamScheduleFree(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, lr: Union[float, torch.Tensor] = 0.0025):
        super().__init__(params, dict(lr=lr, train_mode=False))

    @torch.no_grad()
    def train(self):
        for group in self.param_groups:
            group["train_mode"] = True

    @torch.no_grad()
    def step(self, closure: Optional[Callable[[], float]] = None) -> Optional[float]:
        for group in self.param_groups:
            if not group["train_mode"]:
                raise Exception("Optimizer was not in train mode when step is called. "
                                "Please insert .train() and .eval() calls on the optimizer.")
            for p in group["params"]:
                p.sub_(group["lr"] * p.grad.sign())
"""

PRODIGY = """
import logging
import os
import time
import torch
import torch.distributed as dist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from somewhere import ParamGroup
else:
    ParamGroup = dict

logger = logging.getLogger(os.path.basename(__file__))

class Prodigy(torch.optim.Optimizer):
    def __init__(self, params, lr=1.0, d0=1e-4, fsdp_in_use=False):
        if fsdp_in_use:
            logger.warning("sharded")
        super().__init__(params, dict(lr=lr, d=d0, k=0, fsdp_in_use=fsdp_in_use))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            total = torch.zeros(())
            for p in group["params"]:
                start = self.state[p].setdefault("start", p.clone())
                total += (p.grad * (start - p)).sum()
            if group["fsdp_in_use"]:
                dist.all_reduce(total, op=dist.ReduceOp.SUM)
            group["d"] = max(group["d"], min(1e-2, total.item()))
            for p in group["params"]:
                p.sub_(group["d"] * group["lr"] * p.grad.sign())
            group["k"] += 1
        return loss
"""

LION = """
from __future__ import annotations
import argparse, json, math, pdb, random, re, sys
from pathlib import Path
import numpy as np
import torch
from torch.optim import Optimizer

try:
    from fancy_kernels import update as triton_update
except ImportError:
    triton_update = None

WORD = re.compile(r"lion|tiger")

class Lion(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.99)):
        if sys.version_info < (3, 8) or not WORD.match("lion"):
            raise RuntimeError("too old")
        super().__init__(params, dict(lr=lr, betas=betas))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in filter(lambda p: p.grad is not None, group["params"]):
                average = self.state[p].setdefault("average", torch.zeros_like(p))
                beta1, beta2 = group["betas"]
                p.add_((average * beta1 + p.grad * (1 - beta1)).sign(), alpha=-group["lr"])
                average.lerp_(p.grad, 1 - beta2)

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--out")
    Path(parser.parse_args().out).write_text(json.dumps({"lr": 1e-3}))
    open("log.txt").read()
"""

SOAP = """
from itertools import chain
import torch
import torch.nn as nn
import torch.optim as optim

class SOAP(optim.Optimizer):
    def __init__(self, params, lr: float = 3e-3, every: int = 40):
        super().__init__(params, {"lr": lr, "every": every})
        self.count = 0

    @torch.no_grad()
    def step(self, closure=None):
        self.count += 1
        for p in chain.from_iterable(group["params"] for group in self.param_groups):
            state, grad = self.state[p], p.grad
            if p.ndim != 2:
                p.sub_(grad, alpha=1e-3)
                continue
            if "gram" not in state:
                state["gram"] = torch.zeros(p.shape[1], p.shape[1])
                state["basis"] = torch.eye(p.shape[1])
                state["square"] = torch.zeros_like(p)
            state["gram"].lerp_(grad.T @ grad, 0.05)
            turned = grad @ state["basis"]
            state["square"].lerp_(turned.square(), 0.05)
            update = turned / (state["square"].sqrt() + 1e-8)
            p.sub_(update @ state["basis"].T, alpha=self.defaults["lr"])
            if self.count % self.defaults["every"] == 1:
                state["basis"] = torch.linalg.eigh(state["gram"] + 1e-6 * state["basis"].abs())[1]
"""

BASE_AND_MIXIN = """
import torch

class Base(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-2):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            p.sub_(self.direction(p.grad), alpha=self.param_groups[0]["lr"])

class Shampoo(Base):
    def direction(self, grad):
        return grad if grad.ndim < 2 else grad / (grad.norm() + 1e-8)
"""

WORKING = {
    "Muon": MUON,
    "Prodigy": PRODIGY,
    "Lion": LION,
    "SOAP": SOAP,
    "Shampoo": BASE_AND_MIXIN,
}
"""Those that run as they are, by the name of the class that becomes the submission."""

PLAIN = """
import torch

class Mine(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(p.grad, alpha=group["lr"])

Submission = Mine
"""


def changed(*changes: tuple[str, str], before: str = "") -> str:
    """The plain optimizer with each text of a pair in place of the other."""
    source = before + PLAIN
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    return source


STEP = "    @torch.no_grad()\n    def step"
REFUSED = {
    "lr": (
        changed(("lr=0.01", "lr")),
        "__init__ requires lr; the harness builds Submission(params); give every argument",
    ),
    "closure": (
        changed(("closure=None", "closure")),
        "step requires closure; the harness calls step() alone; give it a default",
    ),
    "hessian": (
        changed((STEP, "    def update_hessian(self):\n        pass\n\n" + STEP)),
        "nothing calls update_hessian(); the harness calls zero_grad() and step() alone; let step",
    ),
    "hessian by autograd": (
        changed(("p.sub_", "torch.autograd.grad(p.grad.sum(), p); p.sub_")),
        "torch.autograd.grad: the harness alone runs forward and backward, once a step; use the",
    ),
    "compile": (
        changed((STEP, "    @torch.compile\n    def step")),
        "a submission may not write files; torch.compile needs to; delete it",
    ),
    "no Submission": (
        changed(("Submission = Mine", "")),
        "no class Submission; expected a subclass of torch.optim.Optimizer; "
        "add the line Submission = Mine at the end",
    ),
    "package": (
        changed(before="from mylab.ortho import polar\n"),
        "imports mylab.ortho: only torch, numpy and Python's own modules are available; copy what",
    ),
    "neighbour": (
        changed(before="from .ortho import polar\n"),
        "from .ortho: a submission is one file; copy what it needs into the file",
    ),
    "files": (
        changed(("p.sub_", "torch.save(p, 'p.pt'); p.sub_")),
        "torch.save: a submission has no files, network or other processes; delete it",
    ),
    "process group": (
        changed(("p.sub_", "torch.distributed.init_process_group(); p.sub_")),
        "torch.distributed.init_process_group: there is one process and no network; use the file's",
    ),
}
"""By what is wrong: the source, and how the finding begins."""

FAILING = {
    "name": (changed(("p.sub_(p.grad", "p.sub_(gradient")), "NameError: name 'gradient' is not"),
    "closure": (
        changed(("        for group", "        loss = closure()\n        for group")),
        "'NoneType' object is not callable; step without a closure: the harness calls step() alone",
    ),
    "rank": (
        changed(("alpha=group", "alpha=torch.distributed.get_world_size() * group")),
        "use the file's class for a single device, or a world size of 1 and rank 0",
    ),
    "list": (
        changed(("        super", "        assert isinstance(params, list)\n        super")),
        "where params is an iterator over parameters",
    ),
    "train mode": (
        SCHEDULE_FREE + "\nSubmission = AdamScheduleFree\n",
        "call self.train() at the end of __init__",
    ),
}
"""By what is wrong: a source that breaks no rule, and what running it says."""
