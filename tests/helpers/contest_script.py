"""A stand-in of track 3's training script, for a CPU, a winner to put into it, and a log."""

from pathlib import Path

RULE = "=" * 100

SCRIPT = '''"""A stand-in of a contest's training script."""
import sys
with open(sys.argv[0]) as file:
    code = file.read()
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.optim import AdamW


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x):
        return x + self.down(self.up(x).relu())

class GPT(nn.Module):
    def __init__(self, tokens, width):
        super().__init__()
        self.embed = nn.Embedding(tokens, width).bfloat16()
        self.blocks = nn.ModuleList([Block(width)])
        self.proj = nn.Linear(width, tokens)

    def forward(self, inputs, targets):
        x = self.embed(inputs).float()
        for block in self.blocks:
            x = block(x)
        return nn.functional.cross_entropy(self.proj(x), targets)


########################################
#              Optimizer               #
########################################

def sign_of(update):
    return update.sign()

@torch.no_grad()
def signed(update):
    return sign_of(update)

# this one makes way
class Signs(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(signed(p.grad), alpha=group["lr"])


########################################
#                Setup                 #
########################################

dist.init_process_group(backend="gloo", store=dist.HashStore(), rank=0, world_size=1)
logfile = open(sys.argv[1], "w")
def print0(text):
    print(text, file=logfile)
print0(code)
print0("=" * 100)
print0(f"PyTorch {torch.__version__}")
print0("=" * 100)
inputs = torch.arange(32) % 8
targets = (inputs + 1) % 8
model = GPT(tokens=8, width=4)

for _ in range(1):
    train_steps = 1
    for name, p in model.named_parameters():
        if "proj" in name:
            p.data.zero_()

    # create the optimizers
    optimizer1 = AdamW([dict(params=[model.embed.weight], lr=0.1),
                        dict(params=[p for p in model.parameters() if p.ndim < 2], lr=0.01),
                        dict(params=[model.proj.weight], lr=0.01)])
    optimizer2 = Signs([p for p in model.blocks.parameters() if p.ndim >= 2],
                       lr=0.02)
    optimizers = [optimizer1, optimizer2]
    assert set(p for opt in optimizers for group in opt.param_groups
               for p in group["params"]) == set(model.parameters())
    for opt in optimizers:
        for group in opt.param_groups:
            group["first_lr"] = group["lr"]

    # a linear schedule
    def set_rates(step):
        for opt in optimizers:
            for group in opt.param_groups:
                group["lr"] = group["first_lr"] * (1 - step / train_steps)

    for step in range(train_steps + 1):
        with torch.no_grad():
            val_loss = model(inputs, targets)
        print0(f"step:{step}/{train_steps} val_loss:{val_loss:.5f} train_time:0.100s")
        if step == train_steps:
            break
        model(inputs, targets).backward()
        for p in model.parameters():
            dist.all_reduce(p.grad)
        # set the rates and take a step
        set_rates(step)
        for opt in optimizers:
            opt.step()
        model.zero_grad(set_to_none=True)

dist.destroy_process_group()
logfile.close()
'''

WINNER = '''"""Gradient descent.

Its helpers have names that the script has too.
"""
import torch
from torch import Tensor

TEXT = """
  kept as it is
"""


class Block:
    """A view of a parameter."""

    def __init__(self, p: Tensor) -> None:
        self.p = p


def signed(update: Tensor) -> Tensor:
    return 0.5 * update


class Submission(torch.optim.Optimizer):
    def __init__(self, params, max_steps: int = 400) -> None:
        super().__init__(params, {})
        self.blocks = [Block(p) for group in self.param_groups for p in group["params"]]
        self.max_steps = max_steps

    @torch.no_grad()
    def step(self) -> None:
        print(len(self.blocks), self.max_steps, repr(TEXT))
        for block in self.blocks:
            block.p.sub_(signed(block.p.grad))
'''

GOLF = f"""print("val_loss:9.9 val_bpb:9.9")
{RULE}
seed:{{seed}}
step:10/20 train_loss:2.1 train_time:400ms step_avg:40ms
step:20/20 val_loss:2.0606 val_bpb:1.2172 train_time:599000ms step_avg:43.54ms
Code size: 47642 bytes
Total submission size: 67272625 bytes
Total submission size int8+zlib: 15863489 bytes
final_int8_zlib_roundtrip val_loss:2.0727 val_bpb:1.2244 eval_time:1401ms
final_int8_zlib_roundtrip_exact val_loss:{{loss:.8f}} val_bpb:1.22436570
"""


def golf_log(path: Path, seed: int, loss: float = 2.07269931) -> Path:
    path.write_text(GOLF.format(seed=seed, loss=loss))
    return path
