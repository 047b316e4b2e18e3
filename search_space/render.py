"""From a spec to one readable submission file that needs torch and nothing of this project."""

import textwrap

from search_space.part import Part
from search_space.registry import KINDS
from search_space.spec import Spec

WIDTH = 100
STEP_ORDER = ("momentum", "direction", "decay")


def render(spec: Spec, max_steps: int) -> str:
    """Source of a `submission.py` for runs of `max_steps` steps. Equal arguments, equal bytes."""
    sections = [
        _docstring(spec),
        _imports(spec),
        _constants(spec, max_steps),
        *_helpers(spec),
        _optimizer(spec),
    ]
    head = "\n\n".join(sections[:3])
    return "\n\n\n".join([head, *sections[3:]]) + "\n"


def _docstring(spec: Spec) -> str:
    lines = [f'"""{spec.label}: an optimizer composed by autoresearch.', ""]
    lines += ["For each parameter W with gradient G, at step t of T, with x = (t - 1) / T:", ""]
    used = [kind for kind in (*STEP_ORDER, "schedule") if _has_code(spec.part(kind))]
    lines += [f"    {spec.part(kind).formula}" for kind in used]
    lines += ["    W <- W - eta(x) U", ""]
    for kind in used:
        part = spec.part(kind)
        text = f"{kind}: {part.summary}" + (f" ({part.source})" if part.source else "")
        lines += textwrap.wrap(text, WIDTH, initial_indent="- ", subsequent_indent="  ")
    lines += ["", f"Spec {spec.identifier}.", '"""']
    return "\n".join(lines)


def _has_code(part: Part) -> bool:
    return bool(part.update or part.helpers)


def _imports(spec: Spec) -> str:
    needed = {name for kind in KINDS for name in spec.part(kind.name).imports}
    standard = [f"import {name}" for name in sorted(needed)]
    tensor = any("Tensor" in spec.part(kind.name).helpers for kind in KINDS)
    third_party = ["import torch", *(["from torch import Tensor"] if tensor else [])]
    third_party.append("from torch.optim.optimizer import ParamsT")
    return "\n\n".join("\n".join(block) for block in (standard, third_party) if block)


def _constants(spec: Spec, max_steps: int) -> str:
    lines = [f"MAX_STEPS = {max_steps}  # length of the run, in steps"]
    for kind in KINDS:
        choice = spec[kind.name]
        for param in kind.params(choice.part):
            lines.append(f"{param.constant} = {choice[param.name]!r}  # {param.meaning}")
    return "\n".join(lines)


def _helpers(spec: Spec) -> list[str]:
    helpers = [spec.part(kind.name).helpers.strip("\n") for kind in KINDS]
    return [helper for helper in helpers if helper]


def _optimizer(spec: Spec) -> str:
    updates = [spec.part(kind).update.strip("\n") for kind in STEP_ORDER]
    body = "\n".join(update for update in updates if update)
    prelude = "grad = p.grad"
    if "state" in body:
        prelude += "\nstate = self.state[p]"
    count = "t = self.steps_taken\n" if "**t" in body else ""
    loop = textwrap.indent(f"{prelude}\n{body}\np.sub_(lr * update)", " " * 16)
    return OPTIMIZER.format(count=textwrap.indent(count, " " * 8), loop=loop)


OPTIMIZER = """\
class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = MAX_STEPS) -> None:
        super().__init__(params, {{"lr": LEARNING_RATE}})
        self.max_steps = max_steps
        self.steps_taken = 0

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        lr = step_size(min(1.0, self.steps_taken / self.max_steps))
        self.steps_taken += 1
{count}\
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
{loop}"""
