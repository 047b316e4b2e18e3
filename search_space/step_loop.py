"""One step of one phase: the loop through the model around the code of the parts."""

import re
import textwrap
from dataclasses import dataclass
from itertools import groupby

from search_space.registry import PHASE_KINDS
from search_space.spec import Choices, Phase, Spec

LOOP_KINDS = tuple(kind.name for kind in PHASE_KINDS if kind.name not in ("schedule", "vectors"))
COUNT = 't = state["t"] = state.get("t", 0) + 1\n'
COUNT_ROWS = 't = state["t"] = state.get("t", rows_seen(value)) + 1\n'


@dataclass(frozen=True)
class Walk:
    """A loop through the model, and where its body, `depth` levels in, finds what it steps."""

    loop: str
    depth: int
    value: str
    grad: str
    state: str
    gradients: str = ""
    forget: str = "self.state.clear()\n"


OVER_PARAMETERS = Walk(
    """\
for group in self.param_groups:
    for p in group["params"]:
        if p.grad is None:
            continue
""",
    depth=2, value="p", grad="p.grad", state="self.state[p]",
    gradients="gradients = [p.grad for p in self.parameters if p.grad is not None]\n",
)  # fmt: skip
PAIRS = "value, grad in zip(p.view(shape), p.grad.view(shape), strict=True)"
NUMBERED = "i, (value, grad) in enumerate(zip(p.view(shape), p.grad.view(shape), strict=True))"
OVER_FACTORS = Walk(
    f"""\
for p, shape in self.shapes.items():
    if p.grad is None:
        continue
    for {NUMBERED}:
""",
    depth=2, value="value", grad="grad", state="self.state[p].setdefault(i, {})",
)  # fmt: skip
OVER_BLOCKS = Walk(
    "for block in blocks:\n",
    depth=1, value="block.value", grad="block.grad", state="self.state[block]",
    gradients="gradients = [block.grad for block in blocks]\n",
    forget="for block in self.blocks:\n    self.state[block].clear()\n",
)  # fmt: skip


def choose_walk(spec: Spec) -> Walk:
    """Over parameters; over their factors; over blocks where a part asks for their structure."""
    coordinates = {phase["coordinates"].part for phase in spec.phases}
    code = "".join(part.code for part in spec.parts())
    if re.search(r"\bblocks?\b", code):
        return OVER_BLOCKS
    if "factors" not in coordinates:
        return OVER_PARAMETERS
    # the norm of all gradients is a sum in the order of the blocks
    return OVER_BLOCKS if uses("gradients", code) or "rows" in coordinates else OVER_FACTORS


def phase_code(phase: Phase, walk: Walk) -> str:
    # two parts that prepare the same do it once
    prepare = dict.fromkeys(stage_code(phase, k.name, "prepare") for k in PHASE_KINDS)
    blocks = walk is OVER_BLOCKS
    code = "blocks = [b for b in self.blocks if b.parameter.grad is not None]\n" if blocks else ""
    code += "".join((walk.gradients if uses("gradients", it) else "") + it for it in prepare)
    by_row = phase["coordinates"].part == "rows"
    body = _in_rows(_loop(phase), walk) if by_row else _in_whole(_loop(phase), walk)
    loop = walk.loop if uses("state", body) else walk.loop.replace(NUMBERED, PAIRS)
    return code + loop + indent(body, walk.depth)


def _in_whole(loop: str, walk: Walk) -> str:
    if walk is OVER_PARAMETERS:
        loop = re.sub(r"\bvalue\b", "p", loop)
    names = {"value": walk.value, "grad": walk.grad, "state": walk.state}
    used = {name: it for name, it in names.items() if name != it and uses(name, loop)}
    bound = f"{', '.join(used)} = {', '.join(used.values())}\n" if used else ""
    return bound + loop


def _in_rows(loop: str, walk: Walk) -> str:
    """The body on the rows that have a gradient, with their share of the state."""
    has_state = uses("state", loop)
    loop = loop.replace(COUNT, COUNT_ROWS)
    code = f"rows = live_rows({walk.grad})\nvalue, grad = {walk.value}[rows], {walk.grad}[rows]\n"
    if has_state:
        code += f"kept = {walk.state}\n"
        code += "state = {name: saved[rows] for name, saved in kept.items()}\n"
    code += loop + f"{walk.value}[rows] = value\n"
    return code + (f"keep_rows(kept, state, rows, {walk.value})\n" if has_state else "")


def _loop(phase: Phase) -> str:
    vectors = stage_code(phase, "vectors", "update")
    code = _stage(phase, "update", guard=not vectors) + "value.sub_(lr * update)\n"
    code += _stage(phase, "after", guard=not vectors)
    count = COUNT if uses("t", code) else ""
    if not vectors:
        return count + code
    if not count and uses("t", vectors):
        vectors = COUNT + vectors
    role = phase.part("vectors").unless_role
    test = "value.ndim != 2" + (f' or roles[block] != "{role}"' if role else "")
    return f"{count}if {test}:\n" + indent(vectors, 1) + "else:\n" + indent(code, 1)


def _stage(phase: Phase, stage: str, *, guard: bool) -> str:
    """Code of all kinds for a stage, with one test around neighbours that are for matrices only.

    Beside a direction for matrices only, other tensors have unit rms.
    """
    code = ""
    found = [(kind, it) for kind in LOOP_KINDS if (it := stage_code(phase, kind, stage))]
    for tested, group in groupby(found, lambda one: guard and phase.part(one[0]).matrix_only):
        pieces = dict(group)
        body = "".join(pieces.values())
        code += "if value.ndim == 2:\n" + indent(body, 1) if tested else body
        if tested and "direction" in pieces:
            code += "else:\n    update = unit_rms(update)\n"
    return code


def stage_code(choices: Choices, kind: str, stage: str) -> str:
    """A part's code for a stage, with the lines that its optional constants ask for."""
    lines = getattr(choices.part(kind), stage).strip("\n").splitlines()
    return "".join(f"{line}\n" for line in choices.asked_for(kind, lines))


def uses(name: str, code: str) -> bool:
    return bool(re.search(rf"(?<![.\w]){name}\b", code))


def indent(code: str, levels: int) -> str:
    return textwrap.indent(code, " " * 4 * levels)
