"""A mechanism of code that won becomes a part: the text of its rule, and of the part that calls it.

A mechanism is a switch of a submission (`search_space.switches`) with a top-level function of the
same name; `search_space.adoption.text` shows its docstring.
"""

import ast
import builtins
import functools
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from search_space.adoption.files import constant_of, part_file, rule_file
from search_space.adoption.mechanism import ARGUMENTS, Mechanism, read_mechanism
from search_space.part import Kind, Part
from search_space.recipes import RECIPES
from search_space.registry import KINDS, PHASE_KINDS, get_kind
from search_space.render import render
from search_space.rule_source import FROM, definitions, names_in, needed
from search_space.switches import switches

STAGES = ("setup", "enter", "prepare", "update", "after", "finish")
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Adoption:
    """A part with its rule, as two files of the package `search_space`; paths are inside it."""

    name: str
    kind: str
    part_file: str
    rule_file: str

    @property
    def part_path(self) -> str:
        return f"parts/adopted/{self.kind}_{self.name}.py"

    @property
    def rule_path(self) -> str:
        return f"rules/adopted_{self.name}.py"


def adopted(source: str, switch: str, kind: str, *, name: str = "", cited: str = "") -> Adoption:
    """The mechanism `switch` of a submission's `source` as a part of `kind`.

    `name` is the part's, and its rule's, where it is not the switch's; `cited` says where the
    mechanism comes from, in place of its docstring. ValueError says in one line why it cannot be a
    part; SyntaxError where the text is no Python.
    """
    name = name or switch
    target = _target(kind)
    if switch not in switches(source):
        there = ", ".join(switches(source)) or "none"
        raise ValueError(f"no switch named {switch}; there are: {there}")
    mechanism = read_mechanism(source, switch, cited)
    _check_name(name, get_kind(kind))
    _check_constants(name, mechanism)
    _check_fit(mechanism, switch, kind)
    part = part_file(name, kind, target, mechanism)
    return Adoption(name, kind, part, rule_file(name, kind, mechanism))


def targets() -> dict[str, str]:
    """What the parts of a kind set in the loop over blocks, `grad` or `update`, by kind.

    Kinds whose parts set neither are left out: a mechanism cannot be one of theirs.
    """
    found: dict[str, str] = {}
    for kind in PHASE_KINDS:
        nodes = [node for part in kind.parts for node in ast.walk(ast.parse(part.update))]
        stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for target in ("update", "grad"):
            if target in stored:
                found.setdefault(kind.name, target)
    return found


def _target(kind: str) -> str:
    known = targets()
    get_kind(kind)
    if kind not in known:
        raise ValueError(
            f"the parts of {kind} set no update in each step; expected one of {', '.join(known)}"
        )
    return known[kind]


def _check_name(name: str, kind: Kind) -> None:
    """Rendering finds a rule by its name wherever it stands, so no other code may use the name."""
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:60]!r} is no name for a part; expected lower case, such as a_b2")
    if name in {part.name for part in kind.parts}:
        raise ValueError(f"{kind.name} has a part named {name} already")
    if name in definitions():
        raise ValueError(f"search_space.rules has {name} already; the part needs another name")
    if name in _names_in_use():
        raise ValueError(f"rendered code uses {name} for something; the part needs another name")


@functools.cache
def _names_in_use() -> frozenset[str]:
    """Names that rendered code may have, whatever the spec."""
    library = {use for definition in definitions().values() for use in definition.uses}
    snippets = {use for kind in KINDS for part in kind.parts for use in names_in(_code(part))}
    rendered = {use for spec in RECIPES.values() for use in names_in(render(spec, 1))}
    known = {*dir(builtins), *keyword.kwlist, "math", "torch", *FROM}
    return frozenset(library | snippets | rendered | known)


def _check_constants(name: str, mechanism: Mechanism) -> None:
    params = [param for kind in KINDS for part in kind.parts for param in kind.params(part.name)]
    taken = {param.constant for param in params} | set(definitions())
    for number in mechanism.text.numbers:
        constant = constant_of(name, number)
        if constant in taken:
            raise ValueError(
                f"{number.name} of {name} would be the constant {constant}, which there is already"
            )
        taken.add(constant)


def _check_fit(mechanism: Mechanism, switch: str, kind: str) -> None:
    """What it takes must be there at its place in a step, and its state must be its own."""
    if "update" in mechanism.arguments and not _has_update(kind):
        there = ", ".join(name for name in ARGUMENTS if name != "update")
        raise ValueError(f"{switch}: a {kind} comes before the update; it may take {there}")
    if "Block" in mechanism.body and not {"block", "blocks"} & set(mechanism.arguments):
        # rendering takes the word for the class, even in a text
        raise ValueError(f"{switch} says Block, which is a class that it does not take; say block")
    if shared := mechanism.keys & {key for code in _others(kind) for key in _strings(code)}:
        raise ValueError(
            f"{switch} keeps {min(shared)!r} in its state, as other parts do; expected names of "
            f"its own, such as {switch!r}"
        )


def _has_update(kind: str) -> bool:
    names = [k.name for k in PHASE_KINDS]
    before = names[: names.index(kind)]
    return any(target == "update" and k in before for k, target in targets().items())


def _others(kind: str) -> Iterator[str]:
    """All code that may run beside a part of `kind`, which has the step to itself in its kind."""
    parts = [_code(part) for k in KINDS if k.name != kind for part in k.parts]
    yield from ['state["t"]', *parts]
    yield from (rule.source for rule in needed(use for code in parts for use in names_in(code)))


def _strings(code: str) -> set[str]:
    """The texts in code that has a state."""
    constants = (n.value for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Constant))
    return {c for c in constants if isinstance(c, str)} if "state" in names_in(code) else set()


def _code(part: Part) -> str:
    return "\n".join(getattr(part, stage) for stage in STAGES)
