"""From a spec to one readable submission file that needs torch and nothing of this project."""

import textwrap
from collections.abc import Sequence

from search_space.optimizer_class import write_optimizer
from search_space.part import Kind, Part
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.rule_source import imports, names_in, needed
from search_space.spec import Choices, Spec

WIDTH = 100


def render(spec: Spec, max_steps: int) -> str:
    """Source of a `submission.py` for runs of `max_steps` steps. Equal arguments, equal bytes."""
    written = write_optimizer(spec)
    used = names_in(written.source)
    library = needed(used)
    constants = [item.source for item in library if item.is_constant]
    constants += [f"MAX_STEPS = {max_steps}  # length of the run, in steps"]
    constants += [
        f"{name} = {value!r}  # {meaning}"
        for name, value, meaning in written.constants
        if name in used
    ]
    functions = [item.source for item in library if not item.is_constant]
    body = "\n\n\n".join(["\n".join(constants), *functions, written.source])
    return "\n\n".join([_docstring(spec), imports(body), body]) + "\n"


def _docstring(spec: Spec) -> str:
    title = f'"""An optimizer composed by autoresearch: {spec.label}.'
    lines = [*textwrap.wrap(title, WIDTH), ""]
    lines += ["W is a block of parameters, G its gradient, U its update, t the step, x = t / T the"]
    lines += ["fraction of the run that is done. At each step: W <- W - eta(x) U.", ""]
    for index, phase in enumerate(spec.phases):
        if len(spec.phases) > 1:
            when = f"From {phase.start:g} of the run on, else as before" if index else "At first"
            lines += [f"{when}:", ""]
        before = spec.phases[index - 1] if index else None
        changed = [k for k in PHASE_KINDS if not before or phase[k.name] != before[k.name]]
        lines += [*_describe(phase, changed, with_neutral=index > 0), ""]
        if index == len(spec.phases) - 1 and spec.run.in_use():
            lines += [
                "In the whole run:",
                "",
                *_describe(spec.run, RUN_KINDS, with_neutral=False),
                "",
            ]
    return "\n".join([*lines, f"Spec {spec.identifier}.", '"""'])


def _describe(choices: Choices, kinds: Sequence[Kind], *, with_neutral: bool) -> list[str]:
    lines = []
    for kind in kinds:
        part = choices.part(kind.name)
        if part.formula or with_neutral:
            lines += _describe_part(kind, part, choices)
    return lines


def _describe_part(kind: Kind, part: Part, choices: Choices) -> list[str]:
    source = f" ({part.source})" if part.source else ""
    text = f"{kind.name}: {part.summary}{source}"
    lines = textwrap.wrap(text, WIDTH, initial_indent="- ", subsequent_indent="  ")
    formulas = choices.asked_for(kind.name, part.formulas)
    return lines + [f"      {formula}" for formula in formulas]
