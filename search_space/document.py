"""The reference of all parts, as Markdown: `docs/components.md`."""

from search_space.part import Kind, Param, Part
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.spec import CONDITION

HEAD = """\
# Components

The parts of an optimizer. A spec has one part of each kind: of the kinds under *Once a run* one,
of the others one in each of its phases. This page is made by `autoresearch space components`.

W is a block of parameters, G its gradient, U its update, t the step, x = t / T the fraction of the
run; |.| is the Frobenius norm, rms the root mean square. At each step
W <- W - eta(x) U. The neutral part switches its kind off; an ablation replaces a part by it.
"""


def components() -> str:
    """The whole page."""
    sections = [HEAD, "## Once a run\n", *(_kind(kind) for kind in RUN_KINDS)]
    sections += ["## In each phase, in the order of a step\n"]
    sections += [_kind(kind) for kind in PHASE_KINDS]
    return "\n".join(sections)


def describe(kind: Kind, part: Part) -> str:
    """One part: summary, formula, parameters and source."""
    neutral = " (neutral)" if part.name == kind.neutral else ""
    lines = [f"#### {kind.name}: {part.name}{neutral}", "", f"{_sentence(part.summary)}"]
    if part.formula:
        lines += ["", *(f"    {CONDITION.sub('', line)}" for line in part.formulas)]
    if part.params:
        lines += ["", *_table(part.params)]
    notes = [f"Source: {part.source}."] if part.source else []
    for other, parts in part.requires.items():
        notes.append(f"Needs {other}: {', '.join(parts)}.")
    if part.structure != "any":
        models = {"attention": "one-head attention", "tables": "token tables"}[part.structure]
        notes.append(f"Changes models of {models} only.")
    if part.note:
        notes.append(_sentence(part.note))
    if notes:
        lines += ["", " ".join(notes)]
    return "\n".join([*lines, ""])


def _kind(kind: Kind) -> str:
    lines = [f"### {kind.name}", "", _sentence(kind.summary), ""]
    if kind.shared:
        lines += ["Every part of this kind has:", "", *_table(kind.shared), ""]
    return "\n".join(lines + [describe(kind, part) for part in kind.parts])


def _table(params: tuple[Param, ...]) -> list[str]:
    lines = ["| parameter | range | default | meaning |", "| --- | --- | --- | --- |"]
    for param in params:
        scale = ", log" if param.log else ", log of 1 - value" if param.complement else ""
        scale = ", whole" + scale if param.whole else scale
        zero = "0 or " if param.optional else ""
        span = f"{zero}{param.low:g} to {param.high:g}{scale}"
        lines.append(f"| {param.name} | {span} | {param.default:g} | {param.meaning} |")
    return lines


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
