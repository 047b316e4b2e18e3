"""The class `Submission` of a rendered file: phases, the loop over blocks, the code of parts."""

import re
import textwrap
from dataclasses import dataclass

from search_space.part import Part
from search_space.registry import PHASE_KINDS, RUN_KINDS, get_kind
from search_space.rule_source import names_in
from search_space.spec import Choices, Phase, Spec

STATEFUL = ("vectors", "momentum", "direction", "blend", "memory", "damping", "magnitude")
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
    of_phases = [_body(spec, index, in_blocks) for index in range(len(spec.phases))]
    distinct = list(dict.fromkeys(of_phases))
    bodies = [body.numbered(number) for number, body in enumerate(distinct, start=1)]
    step = bodies[0].code
    methods = ""
    if len(bodies) > 1:
        step = _dispatch([distinct.index(body) + 1 for body in of_phases], bodies)
        methods = "".join(_method(number, body.code) for number, body in enumerate(bodies, start=1))
    step += "".join(_code(spec.run, kind.name, "finish") for kind in RUN_KINDS)
    setup = _enter(spec, 0, in_blocks)
    setup += "".join(_code(spec.run, kind.name, "setup") for kind in RUN_KINDS)
    for index in range(1, len(spec.phases)):
        setup += f"self.phase_{index}_ends = max({index}, round(PHASE_{index + 1} * max_steps))\n"
        if entering := _enter(spec, index, in_blocks):
            step += f"if self.steps_taken == self.phase_{index}_ends:\n" + _indent(entering, 1)
    fraction = "x = self.steps_taken / self.max_steps\n" if _uses_x(step) else ""
    step = "self.steps_taken += 1\n" + fraction + step
    source = CLASS + _indent(setup, 2) + "\n" + STEP + _indent(step, 2) + methods
    constants = [*_constants(spec.run), *_phase_starts(spec)]
    constants += [constant for body in bodies for constant in body.constants]
    return Written(source.rstrip("\n"), constants)


def _body(spec: Spec, index: int, in_blocks: bool) -> _Body:
    phase = spec.phases[index]
    start = f"(x - PHASE_{index + 1})" if index else "x"
    code = _phase_code(phase, in_blocks).replace("(x - START)", start)
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
    """What happens when a phase starts.

    Other coordinates find the blocks anew, without any state. Where only parts that keep a state
    differ from the phase before, that state is dropped, for it means something else now.
    """
    found = _find(spec, index, in_blocks)
    if index == 0 or found != _find(spec, index - 1, in_blocks):
        return found + "".join(_code(spec.run, kind.name, "enter") for kind in RUN_KINDS)
    before, phase = spec.phases[index - 1], spec.phases[index]
    if all(before[kind].part == phase[kind].part for kind in STATEFUL):
        return ""
    if in_blocks:
        return "for block in self.blocks:\n    block.state.clear()\n"
    return "self.state.clear()\n"


def _find(spec: Spec, index: int, in_blocks: bool) -> str:
    if not in_blocks:
        return ""
    phase = spec.phases[index]
    parts = [*phase.parts(), *spec.run.parts()]
    patterns = sorted({pattern for part in parts for pattern in part.patterns})
    if phase.part("coordinates").structure == "attention":
        patterns = ["attention_blocks"]
    blocks = "[Block(p) for p in self.parameters]"
    if patterns:
        blocks = f"find_blocks(self.parameters, [{', '.join(patterns)}])"
    return f"self.blocks = {blocks}\n" + _code(phase, "coordinates", "enter")


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
    return code + header + _indent(loop, 1)


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
    lines = getattr(choices.part(kind), stage).strip("\n").splitlines()
    kept = choices.asked_for(kind, lines)
    return "\n".join([*kept, ""]) if kept else ""


def _dispatch(numbers: list[int], bodies: list[_Body]) -> str:
    """Calls the body of each phase; `numbers` are the phases' bodies, from 1."""
    code = ""
    for index, number in enumerate(numbers):
        if index + 1 < len(numbers) and numbers[index + 1] == number:
            continue
        test = f"{'elif' if code else 'if'} self.steps_taken <= self.phase_{index + 1}_ends"
        call = f"self.step_{number}({'x' if _uses_x(bodies[number - 1].code) else ''})"
        code += f"{test if index + 1 < len(numbers) else 'else'}:\n    {call}\n"
    return code


def _method(number: int, code: str) -> str:
    parameters = "self, x: float" if _uses_x(code) else "self"
    return f"\n    def step_{number}({parameters}) -> None:\n" + _indent(code, 2)


def _uses_x(code: str) -> bool:
    return bool(re.search(r"\bx\b", code))


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
