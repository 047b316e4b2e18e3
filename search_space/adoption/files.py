"""The two files that a mechanism becomes, in the format of the house: its rule, and its part."""

import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterable

from search_space import rules
from search_space.adoption.mechanism import ARGUMENTS, Mechanism
from search_space.adoption.text import Number
from search_space.render import WIDTH
from search_space.rule_source import definitions, imports, names_in

DEEPEST = 16
"""Columns by which a part's code may be indented where it is rendered."""


def rule_file(name: str, kind: str, mechanism: Mechanism) -> str:
    """A module of `search_space.rules` that has the function, with types, as `name`."""
    arguments = [f"{argument}: {ARGUMENTS[argument]}" for argument in mechanism.arguments]
    numbers = [f"{number.name}: float" for number in mechanism.text.numbers]
    signature = _call(
        f"def {name}", [*arguments, *(["*"] if numbers else []), *numbers], WIDTH - 11
    )
    function = f"{signature} -> Tensor:\n{mechanism.body}"
    used = names_in(function)
    library = imports(function)
    if "torch" not in used:
        library = library.replace("import torch\n", "", 1)
    head = [f'"""The rule of the part {kind}.{name}, adopted from free-form code."""', library]
    own = _rule_imports(mechanism.rules | {"Block"} if "Block" in used else mechanism.rules)
    return "\n\n".join([*head, *([own] if own else [])]) + f"\n\n\n{function}\n"


def part_file(name: str, kind: str, target: str, mechanism: Mechanism) -> str:
    """A module with `KIND` and `PART`, whose code sets `target` by calling the rule `name`."""
    text = mechanism.text
    given = [f"{a}.clone()" if a in mechanism.overwritten else a for a in mechanism.arguments]
    given += [f"{number.name}={constant_of(name, number)}" for number in text.numbers]
    update = _call(f"{target} = {name}", given, WIDTH - DEEPEST)
    fields = [
        _text("name", name),
        _text("summary", text.summary),
        _text("formula", text.formula),
        _text("source", text.source),
    ]
    if text.numbers:
        fields.append("params=(\n" + "".join(_param(name, n) for n in text.numbers) + "    )")
    fields.append(f'update="""\\\n{update}\n"""' if "\n" in update else _text("update", update))
    if text.matrices:
        fields.append("matrix_only=True")
    bound = {"state", "block", "blocks"} & set(mechanism.arguments)
    if bound:
        # the rows of a table that have a gradient change from step to step
        fields.append('requires={"coordinates": DENSE}')
    if bound - {"state"}:
        fields.append('patterns=("table_blocks",)')
    if "_" in name:
        fields.append(f'signature=either("{" ".join(name.split("_"))}")')
    names = ["Param"] * bool(text.numbers) + ["Part"] + ["either"] * ("_" in name)
    lines = [f'"""The part {kind}.{name}, adopted from free-form code."""', ""]
    lines += [f"from search_space.part import {', '.join(names)}"]
    lines += ["from search_space.parts.direction import DENSE"] * bool(bound)
    lines += ["", f'KIND = "{kind}"', "", "PART = Part("]
    return "\n".join([*lines, *(f"    {field}," for field in fields), ")"]) + "\n"


def _rule_imports(names: Iterable[str]) -> str:
    """Import lines for rules, sorted as ruff sorts them."""
    lines = []
    for module in sorted(info.name for info in pkgutil.iter_modules(rules.__path__)):
        path = f"{rules.__name__}.{module}"
        text = inspect.getsource(importlib.import_module(path))
        here = [name for name in names if definitions()[name].source in text]
        if here:
            here.sort(key=lambda name: (not name.isupper(), name.islower(), name))
            line = f"from {path} import {', '.join(here)}"
            many = "(\n" + "".join(f"    {name},\n" for name in here) + ")"
            lines.append(line if len(line) <= WIDTH else f"from {path} import {many}")
    return "\n".join(lines)


def constant_of(name: str, number: Number) -> str:
    """What a number of the part `name` is called in rendered code."""
    # a digit after an underscore is the number of a phase
    return re.sub(r"_(\d)", r"\1", f"{name}_{number.name}").upper()


def _param(name: str, number: Number) -> str:
    lines = [f'"{number.name}"', f'"{constant_of(name, number)}"']
    lines += [repr(value) for value in (number.low, number.high, number.default)]
    lines += [_quoted(number.meaning)]
    lines += ["complement=True"] if number.is_share else ["log=True"] if number.is_size else []
    return (
        " " * 8 + "Param(\n" + "".join(f"{' ' * 12}{line},\n" for line in lines) + " " * 8 + "),\n"
    )


def _call(head: str, arguments: list[str], width: int) -> str:
    line = f"{head}({', '.join(arguments)})"
    if len(line) <= width:
        return line
    return f"{head}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def _text(field: str, text: str) -> str:
    """`field="text"`, as adjacent pieces where it is long."""
    first = " " * (len(field) + 1)
    pieces = textwrap.wrap(
        text,
        WIDTH - 7,
        initial_indent=first,
        drop_whitespace=False,
        break_on_hyphens=False,
    )
    return f"{field}=" + "\n    ".join(_quoted(p) for p in (pieces[0][len(first) :], *pieces[1:]))


def _quoted(text: str) -> str:
    mark = '"' if text.count('"') <= text.count("'") else "'"
    return mark + text.replace(mark, "\\" + mark) + mark
