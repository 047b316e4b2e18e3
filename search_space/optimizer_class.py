"""The class `Submission` of a rendered file: phases, the loop over blocks, the code of parts."""

import re
import textwrap
from dataclasses import dataclass

from search_space.library import names_in
from search_space.part import Part
from search_space.registry import PHASE_KINDS, RUN_KINDS, get_kind
from search_space.spec import Choices, Phase, Spec

CONDITION = re.compile(r"  #(if|unless) (\w+)$")
LOOP_KINDS = tuple(kind.name for kind in PHASE_KINDS if kind.name not in ("schedule", "vectors"))

Constant = tuple[str, float, str]
"""Name, value, meaning."""


@dataclass(frozen=True)
class Written:
    """The class, and the constants that it may name."""

    source: str
    constants: list[Constant]


@dataclass(frozen=True)
class _Body:
    """What a phase does in a step, and the values it does it with."""

    code: str
    constants: tuple[Constant, ...]

    def numbered(self, number: int) -> "_Body":
        """The same with names of its own for the constants, from the second body on."""
        if number == 1:
            return self
        code = self.code
        for name, _, _ in self.constants:
            code = re.sub(rf"\b{name}\b", f"{name}_{number}", code)
        constants = (
            (f"{name}_{number}", value, meaning) for name, value, meaning in self.constants
        )
        return _Body(code, tuple(constants))


def write_optimizer(spec: Spec) -> Written:
    """The class. Phases with equal steps share their code; they differ in how they start."""
    in_blocks = any(part.patterns for part in spec.parts())
    of_phases = [_body(phase, in_blocks) for phase in spec.phases]
    distinct = list(dict.fromkeys(of_phases))
    bodies = [body.numbered(number) for number, body in enumerate(distinct, start=1)]
    step = bodies[0].code
    methods = ""
    if len(bodies) > 1:
        step = _dispatch([distinct.index(body) + 1 for body in of_phases])
        methods = "".join(_method(number, body.code) for number, body in enumerate(bodies, start=1))
    step += "".join(_code(spec.run, kind.name, "finish") for kind in RUN_KINDS)
    setup = _enter(spec, 0, in_blocks)
    setup += "".join(_code(spec.run, kind.name, "setup") for kind in RUN_KINDS)
    for index in range(1, len(spec.phases)):
        setup += f"self.phase_{index}_ends = max({index}, round(PHASE_{index + 1} * max_steps))\n"
        step += f"if self.steps_taken == self.phase_{index}_ends:\n"
        step += _indent(_enter(spec, index, in_blocks), 1)
    fraction = "x = self.steps_taken / self.max_steps\n" if re.search(r"\bx\b", step) else ""
    step = "self.steps_taken += 1\n" + fraction + step
    source = CLASS + _indent(setup, 2) + "\n" + STEP + _indent(step, 2) + methods
    constants = [*_constants(spec.run), *_phase_starts(spec)]
    constants += [constant for body in bodies for constant in body.constants]
    return Written(source.rstrip("\n"), constants)


def _body(phase: Phase, in_blocks: bool) -> _Body:
    code = _phase_code(phase, in_blocks)
    used = names_in(code)
    return _Body(code, tuple(c for c in _constants(phase) if c[0] in used))


def _phase_starts(spec: Spec) -> list[Constant]:
    return [
        (f"PHASE_{index}", phase.start, f"fraction of the run where phase {index} starts")
        for index, phase in enumerate(spec.phases[1:], start=2)
    ]


def _constants(choices: Choices) -> tuple[Constant, ...]:
    return tuple(
        (param.constant, choice[param.name], param.meaning.split(";")[0])
        for kind, choice in choices.choices
        for param in get_kind(kind).params(choice.part)
    )


def _enter(spec: Spec, index: int, in_blocks: bool) -> str:
    """What happens when a phase starts: its blocks are found anew, without any state."""
    phase = spec.phases[index]
    code = ""
    if in_blocks:
        parts = [*phase.parts(), *spec.run.parts()]
        patterns = sorted({pattern for part in parts for pattern in part.patterns})
        if phase.part("coordinates").structure == "attention":
            patterns = ["attention_blocks"]
        found = f"find_blocks(self.parameters, [{', '.join(patterns)}])"
        code = f"self.blocks = {found if patterns else '[Block(p) for p in self.parameters]'}\n"
    elif index > 0:
        code = "self.state.clear()\n"
    code += _code(phase, "coordinates", "enter")
    return code + "".join(_code(spec.run, kind.name, "enter") for kind in RUN_KINDS)


def _phase_code(phase: Phase, in_blocks: bool) -> str:
    prepare = "".join(_code(phase, kind.name, "prepare") for kind in PHASE_KINDS)
    loop = _loop(phase)
    if in_blocks:
        blocks = "blocks = [b for b in self.blocks if b.parameter.grad is not None]\n"
        gradients = "gradients = [block.grad for block in blocks]\n"
        header, guard = "for block in blocks:\n", ""
        names = ("block.value", "block.grad", "block.state")
    else:
        blocks, header = "", "for p in self.parameters:\n"
        gradients = "gradients = [p.grad for p in self.parameters if p.grad is not None]\n"
        guard = "if p.grad is None:\n    continue\n"
        names = ("p.data", "p.grad", "self.state[p]")
    code = blocks + (gradients if "gradients" in prepare else "") + prepare
    by_row = phase["coordinates"].part == "rows"
    loop = guard + (_in_rows(loop, *names) if by_row else _in_whole(loop, *names))
    return code + header + _indent(loop, 1) + _code(phase, "coordinates", "finish")


def _in_whole(loop: str, value: str, grad: str, state: str) -> str:
    if re.search(r"\bt\b", loop):
        loop = 't = state["t"] = state.get("t", 0) + 1\n' + loop
    names = {"value": value, "grad": grad, "state": state}
    used = {name: it for name, it in names.items() if re.search(rf"\b{name}\b", loop)}
    return f"{', '.join(used)} = {', '.join(used.values())}\n" + loop


def _in_rows(loop: str, value: str, grad: str, state: str) -> str:
    """The loop on the rows that have a gradient, with their share of the state."""
    counted = bool(re.search(r"\bt\b", loop))
    has_state = counted or bool(re.search(r"\bstate\b", loop))
    code = f"rows = live_rows({grad})\nvalue, grad = {value}[rows], {grad}[rows]\n"
    if has_state:
        code += f"kept = {state}\nstate = {{name: saved[rows] for name, saved in kept.items()}}\n"
    if counted:
        code += 't = state["t"] = state.get("t", rows_seen(value)) + 1\n'
    code += loop + f"{value}[rows] = value\n"
    return code + (f"keep_rows(kept, state, rows, {value})\n" if has_state else "")


def _loop(phase: Phase) -> str:
    vectors = _code(phase, "vectors", "update")
    matrices_only = bool(vectors)
    code = "".join(
        _matrices(phase.part(kind), _code(phase, kind, "update"), matrices_only, kind)
        for kind in LOOP_KINDS
    )
    code += "value.sub_(lr * update)\n"
    for kind in LOOP_KINDS:
        code += _matrices(phase.part(kind), _code(phase, kind, "after"), matrices_only, "")
    if not vectors:
        return code
    return "if value.ndim != 2:\n" + _indent(vectors, 1) + "else:\n" + _indent(code, 1)


def _matrices(part: Part, code: str, matrices_only: bool, kind: str) -> str:
    """Code for matrices, with what happens to the others where they come by too."""
    if not (code and part.matrix_only) or matrices_only:
        return code
    guarded = "if value.ndim == 2:\n" + _indent(code, 1)
    if kind == "direction":
        guarded += "else:\n    update = unit_rms(update)\n"
    return guarded


def _code(choices: Choices, kind: str, stage: str) -> str:
    """A part's code for a stage, with the lines that its optional constants ask for."""
    part, choice = choices.part(kind), choices[kind]
    off = {p.constant for p in get_kind(kind).params(part.name)
           if p.optional and choice[p.name] == 0}  # fmt: skip
    lines = []
    for line in getattr(part, stage).strip("\n").splitlines():
        condition = CONDITION.search(line)
        if not condition or (condition[1] == "if") != (condition[2] in off):
            lines.append(CONDITION.sub("", line))
    return "\n".join([*lines, ""]) if lines else ""


def _dispatch(body_of_phase: list[int]) -> str:
    code = ""
    for index, body in enumerate(body_of_phase):
        last = index == len(body_of_phase) - 1
        word = "if" if index == 0 else "elif"
        test = "else" if last else f"{word} self.steps_taken <= self.phase_{index + 1}_ends"
        code += f"{test}:\n    self.step_{body}(x)\n"
    return code


def _method(number: int, code: str) -> str:
    return f"\n    def step_{number}(self, x: float) -> None:\n" + _indent(code, 2)


def _indent(code: str, levels: int) -> str:
    return textwrap.indent(code, " " * 4 * levels)


CLASS = """\
class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = MAX_STEPS) -> None:
        super().__init__(params, {})
        self.max_steps = max_steps
        self.steps_taken = 0
        self.parameters = [p for group in self.param_groups for p in group["params"]]
"""

STEP = """\
    @torch.no_grad()
    def step(self, closure: None = None) -> None:
"""
