"""Submissions that tests run: honest, odd and hostile."""

SGD = """
import torch

class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.05})

    @torch.no_grad()
    def step(self, closure=None):
        BODY
"""

PLAIN_STEP = """
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * p.grad)
"""


def with_step(body: str) -> str:
    """A submission whose step runs `body` (unindented lines), then plain gradient descent."""
    lines = "\n".join("        " + line for line in body.strip("\n").splitlines())
    return SGD.replace("        BODY", lines + PLAIN_STEP)


def scaling(factor: str) -> str:
    """The body of a step that multiplies every parameter."""
    return f"""
for group in self.param_groups:
    for p in group["params"]:
        p.mul_({factor})
"""


GRADIENT_DESCENT = with_step("")


def nested(depth: int, *, under_main: bool = False) -> str:
    """A submission with calls nested so deeply, where all run them or where nobody does."""
    start = "if __name__ == '__main__':\n    " if under_main else ""
    return f"{GRADIENT_DESCENT}\n{start}x = print{'()' * depth}\n"


NOISE = with_step("""
for group in self.param_groups:
    for p in group["params"]:
        p.add_(torch.randn_like(p), alpha=1e-3)
        p.mul_(1 - 1e-3 * torch.rand(()))
""")

OLD_GRADIENTS = """
import torch

class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.05})
        self.previous = {}

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                old = self.previous.get(p, p.grad)
                p.sub_(group["lr"] * (1.5 * p.grad - 0.5 * old))
                self.previous[p] = p.grad
"""

FLAT_STORAGE = """
import torch

class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.05})
        self.all = self.param_groups[0]["params"]
        self.flat = torch.cat([p.detach().flatten() for p in self.all])
        start = 0
        for p in self.all:
            p.data = self.flat[start : start + p.numel()].view_as(p)
            start += p.numel()

    @torch.no_grad()
    def step(self, closure=None):
        self.flat.sub_(0.05 * torch.cat([p.grad.flatten() for p in self.all]))
"""

LOOKAHEAD_IN_ZERO_GRAD = """
import torch

class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.05})
        self.speed = {}

    @torch.no_grad()
    def zero_grad(self, set_to_none=True):
        super().zero_grad(set_to_none)
        for p, speed in self.speed.items():
            p.sub_(0.9 * speed)

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            self.speed[p] = 0.9 * self.speed.get(p, 0) + 0.01 * p.grad
            p.sub_(0.01 * p.grad)
"""

ACCUMULATED_GRADIENTS = """
import torch

class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.05})
        self.count = 0

    def zero_grad(self, set_to_none=True):
        if self.count % 2 == 0:
            super().zero_grad(set_to_none)

    @torch.no_grad()
    def step(self, closure=None):
        self.count += 1
        if self.count % 2 == 0:
            for p in self.param_groups[0]["params"]:
                p.sub_(0.02 * p.grad)
"""

TORCH_ADAMW = """
import torch

class Submission(torch.optim.AdamW):
    def __init__(self, params):
        super().__init__(params, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.0)
"""

SABOTEURS = (
    with_step("import os; os.kill(os.getppid(), 9)"),
    "import os; os.kill(os.getppid(), 9)",
    with_step("""
import os
for name in filter(str.isdigit, os.listdir("/proc")):
    try:
        parent = int(open(f"/proc/{name}/stat").read().rsplit(")", 1)[1].split()[1])
    except OSError:
        continue
    if parent == os.getppid() and int(name) != os.getpid():
        os.kill(int(name), 9)
"""),
)
"""These kill the zygote, at the first step and on import, or the trainer."""

WELL_BEHAVED = {
    "gradient_descent": GRADIENT_DESCENT,
    "noise": NOISE,
    "old_gradients": OLD_GRADIENTS,
    "flat_storage": FLAT_STORAGE,
    "lookahead_in_zero_grad": LOOKAHEAD_IN_ZERO_GRAD,
    "accumulated_gradients": ACCUMULATED_GRADIENTS,
    "torch_adamw": TORCH_ADAMW,
}

# Rebuilds the small random_teacher teacher from its public seed and copies it.
TEACHER_COPIER = """
import torch

class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.0})

    @torch.no_grad()
    def step(self, closure=None):
        generator = torch.Generator().manual_seed(1729)
        for p in self.param_groups[0]["params"]:
            p.copy_(torch.empty_like(p).uniform_(-1, 1, generator=generator))
"""

DISGUISED = """
from torch import zeros_like, optim, no_grad, sqrt

class Submission(optim.Optimizer):
    '''Entirely new: Momentous Descent.'''

    def __init__(self, weights):
        super().__init__(weights, dict(speed=1e-2))
        self.clock = 0

    @no_grad()
    def step(self, closure=None):
        self.clock += 1
        for w in self.param_groups[0]["params"]:
            memory = self.state[w]
            drift = memory.get("drift", zeros_like(w)) * 0.9 + w.grad / 10
            bumps = memory.get("bumps", zeros_like(w)) * 0.99 + w.grad ** 2 / 100
            memory["drift"], memory["bumps"] = drift, bumps
            fair = sqrt(bumps / (1 - 0.99 ** self.clock)) + 1e-8
            w -= SPEED * (drift / (1 - 0.9 ** self.clock)) / fair
"""
