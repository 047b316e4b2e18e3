"""The class `Submission` of a rendered file: construction, step and phases, from parts' code."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from search_space.registry import RUN_KINDS, get_kind
from search_space.rule_source import names_in
from search_space.spec import Choices, Spec
from search_space.step_loop import (
    OVER_FACTORS,
    OVER_PARAMETERS,
    Walk,
    choose_walk,
    indent,
    phase_code,
    stage_code,
    uses,
)

STATEFUL = ("vectors", "momentum", "precondition", "direction", "blend", "memory", "damping",
            "magnitude")  # fmt: skip
FRACTION = "self.steps / self.max_steps"
SPLIT = "split_attention(self.parameters)"
MOVING = "self.moving = without_queries(self.parameters, self.blocks)\n"
PARAMETERS = '[p for group in self.param_groups for p in group["params"]]'


class Constant(NamedTuple):
    """A named number of a rendered file; `meaning` becomes its comment."""

    name: str
    value: float
    meaning: str


@dataclass(frozen=True)
class Body:
    """The code of a phase's step, and the constants that it names."""

    code: str
    constants: tuple[Constant, ...]

    def numbered(self, number: int) -> "Body":
        """The same with constants of its own names, from the second body on."""
        code = self.code
        for name, _, _ in self.constants if number > 1 else ():
            code = re.sub(rf"\b{name}\b", f"{name}_{number}", code)
        suffix = f"_{number}" if number > 1 else ""
        return Body(code, tuple(c._replace(name=c.name + suffix) for c in self.constants))


def write_optimizer(spec: Spec, max_steps: int) -> tuple[str, list[Constant]]:
    """The class, and the constants that it may name.

    Phases with equal steps share their code; they differ in how they start.
    """
    walk = choose_walk(spec)
    of_phases = [_body(spec, index, walk) for index in range(len(spec.phases))]
    distinct = list(dict.fromkeys(of_phases))
    bodies = [body.numbered(number) for number, body in enumerate(distinct, start=1)]
    step, methods = bodies[0].code, ""
    if len(bodies) > 1:
        step = _dispatch([distinct.index(body) + 1 for body in of_phases], bodies)
        methods = "".join(_method(number, body.code) for number, body in enumerate(bodies, start=1))
    step += _run_code(spec, "finish")
    begin = _run_code(spec, "setup") + _run_code(spec, "enter")
    moving = MOVING if "self.moving" in begin + step else ""
    setup = _find(spec, 0, walk) + moving + begin
    for index in range(1, len(spec.phases)):
        setup += f"self.phase_{index}_ends = max({index}, round(PHASE_{index + 1} * max_steps))\n"
        if entering := _enter(spec, index, walk):
            step += f"if self.steps == self.phase_{index}_ends:\n" + indent(entering, 1)
    constants = [*_constants(spec.run), *_phase_starts(spec)]
    constants += [constant for body in bodies for constant in body.constants]
    return _class(setup, step, methods, max_steps), constants


def _run_code(spec: Spec, stage: str) -> str:
    """The code of the whole run's parts for a stage; addresses are not theirs to move."""
    code = "".join(stage_code(spec.run, kind.name, stage) for kind in RUN_KINDS)
    addresses = any(phase["queries"].part == "addresses" for phase in spec.phases)
    return code.replace("self.parameters", "self.moving") if addresses else code


def _class(setup: str, step: str, methods: str, max_steps: int) -> str:
    """The class around its code, with those members that the code reads."""
    if uses("x", step):
        alone = len(re.findall(r"\bx\b", step)) == 1 and "min(x, " in step
        step = step.replace("min(x, ", f"min({FRACTION}, ") if alone else f"x = {FRACTION}\n{step}"
    members = ""
    if "self.steps" in step:
        step = "self.steps += 1\n" + step
        members = "self.steps = 0\n"
    if "self.max_steps" in step:
        members = "self.max_steps, self.steps = max_steps, 0\n"
    if "self.parameters" not in step + methods:
        setup = setup.replace(SPLIT, SPLIT.replace("self.parameters", PARAMETERS))
    if "self.parameters" in setup + step + methods:
        members += f"self.parameters = {PARAMETERS}\n"
    length = f", max_steps: int = {max_steps}" if "max_steps" in members + setup else ""
    head = "class Submission(torch.optim.Optimizer):\n"
    head += f"    def __init__(self, params: ParamsT{length}) -> None:\n"
    head += indent("super().__init__(params, {})\n" + members + setup, 2)
    head += "\n    @torch.no_grad()\n    def step(self) -> None:\n"
    return head + indent(step, 2).rstrip("\n") + methods.rstrip("\n")


def _body(spec: Spec, index: int, walk: Walk) -> Body:
    phase = spec.phases[index]
    start = f"(x - PHASE_{index + 1})" if index else "x"
    code = phase_code(phase, walk).replace("(x - START)", start)
    used = names_in(code)
    return Body(code, tuple(c for c in _constants(phase) if c.name in used))


def _phase_starts(spec: Spec) -> list[Constant]:
    return [
        Constant(f"PHASE_{index}", phase.start, f"fraction of the run where phase {index} starts")
        for index, phase in enumerate(spec.phases[1:], start=2)
    ]


def _constants(choices: Choices) -> tuple[Constant, ...]:
    return tuple(
        Constant(param.constant, choice[param.name], param.meaning.split(";")[0])
        for kind, choice in choices.choices
        for param in get_kind(kind).params(choice.part)
    )


def _enter(spec: Spec, index: int, walk: Walk) -> str:
    """The code that starts a phase after the first.

    Other coordinates find the blocks again, without state. Where only parts that keep a state
    differ from the phase before, that state is dropped: it belongs to other quantities. So it is
    between `rows` and other coordinates: the state of rows has a count of steps for each.
    An average that is divided by 1 - b^t has had b from its first step on, so another b drops it.
    """
    found = _find(spec, index, walk)
    if found != _find(spec, index - 1, walk):
        return f"{found}self.state.clear()\n{_run_code(spec, 'enter')}"
    before, phase = spec.phases[index - 1], spec.phases[index]
    same = all(_kept_by(before, kind) == _kept_by(phase, kind) for kind in STATEFUL)
    by_row = [each["coordinates"].part == "rows" for each in (before, phase)]
    return "" if same and by_row[0] == by_row[1] else walk.forget


def _kept_by(phase: Choices, kind: str) -> tuple[str, dict[str, float]]:
    """What keeps a state: the part, and decays with which it corrects averages by the step t."""
    part, choice = phase.part(kind), phase[kind]
    decays = (param for param in part.params if param.complement)
    corrected = (p.name for p in decays if re.search(rf"\b{p.constant}\b.*\bt\)", part.update))
    return part.name, {name: choice[name] for name in corrected}


def _find(spec: Spec, index: int, walk: Walk) -> str:
    phase = spec.phases[index]
    if walk is OVER_PARAMETERS:
        return ""
    if walk is OVER_FACTORS:
        split = phase["coordinates"].part == "factors"
        whole = "{p: (1, *p.shape) for p in self.parameters}"
        return f"self.shapes = {SPLIT if split else whole}\n"
    parts = [*phase.parts(), *spec.run.parts()]
    patterns = sorted({pattern for part in parts for pattern in part.patterns})
    if phase.part("coordinates").structure == "attention":
        patterns = ["attention_blocks"]
    blocks = "[Block(p) for p in self.parameters]"
    if patterns:
        blocks = f"find_blocks(self.parameters, [{', '.join(patterns)}])"
    return f"self.blocks = {blocks}\n" + stage_code(phase, "coordinates", "enter")


def _dispatch(numbers: list[int], bodies: list[Body]) -> str:
    """Calls the body of each phase; `numbers` are the phases' bodies, from 1."""
    code = ""
    for index, number in enumerate(numbers):
        if index + 1 < len(numbers) and numbers[index + 1] == number:
            continue
        test = f"{'elif' if code else 'if'} self.steps <= self.phase_{index + 1}_ends"
        call = f"self.step_{number}({'x' if uses('x', bodies[number - 1].code) else ''})"
        code += f"{test if index + 1 < len(numbers) else 'else'}:\n    {call}\n"
    return code


def _method(number: int, code: str) -> str:
    parameters = "self, x: float" if uses("x", code) else "self"
    return f"\n\n    def step_{number}({parameters}) -> None:\n" + indent(code, 2).rstrip("\n")
