"""Renders a spec as one submission file that imports torch and nothing of this project."""

import textwrap
from collections.abc import Sequence

from search_space.optimizer_class import write_optimizer
from search_space.part import Kind
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.rule_source import imports, names_in, needed
from search_space.spec import Choices, Spec

WIDTH = 100
INDENT = " " * 6


def render(spec: Spec, max_steps: int) -> str:
    """Source of a `submission.py` for runs of `max_steps` steps. Equal arguments, equal bytes."""
    optimizer, numbers = write_optimizer(spec, max_steps)
    used = names_in(optimizer)
    library = needed(used)
    constants = [item.source for item in library if item.is_constant]
    constants += [f"{n.name} = {n.value!r}  # {n.meaning}" for n in numbers if n.name in used]
    functions = [item.source for item in library if not item.is_constant]
    body = "\n\n\n".join(["\n".join(constants), *functions, optimizer])
    return "\n\n".join([_docstring(spec), imports(body), body]) + "\n"


def _docstring(spec: Spec) -> str:
    title = f"{spec.label}, composed by autoresearch (spec {spec.identifier})."
    lines = [*textwrap.wrap('"""' + title, WIDTH), ""]
    lines += ["W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:"]
    for index, phase in enumerate(spec.phases):
        if len(spec.phases) > 1:
            later = f"From {phase.start:g} of the run on, else as before:"
            lines += ["", later if index else "At first:"]
        before = spec.phases[index - 1] if index else None
        changed = [k for k in PHASE_KINDS if not before or phase[k.name] != before[k.name]]
        lines += _describe(phase, changed, with_neutral=index > 0)
    if spec.run.in_use():
        lines += ["", "In the whole run:", *_describe(spec.run, RUN_KINDS, with_neutral=False)]
    return "\n".join([*lines, '"""'])


def _describe(choices: Choices, kinds: Sequence[Kind], *, with_neutral: bool) -> list[str]:
    lines = []
    for kind in kinds:
        if choices.part(kind.name).formula or with_neutral:
            lines += _describe_part(kind, choices)
    return lines


def _describe_part(kind: Kind, choices: Choices) -> list[str]:
    part = choices.part(kind.name)
    source = f" ({part.source})" if part.source else ""
    text = f"- {kind.name}: {part.summary}{source}"
    formulas: list[str] = []
    for formula in choices.asked_for(kind.name, part.formulas):
        joined = f"{formulas[-1]};  {formula}" if formulas else ""
        if 0 < len(joined) <= WIDTH - len(INDENT):
            formulas[-1] = joined
        else:
            formulas.append(formula)
    if len(formulas) == 1 and len(whole := f"{text}: {formulas[0]}") <= WIDTH:
        return [whole]
    lines = textwrap.wrap(text, WIDTH, subsequent_indent="  ")
    return lines + [INDENT + formula for formula in formulas]
