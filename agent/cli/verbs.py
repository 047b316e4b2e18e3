"""How a function becomes a verb: its records become options, its help plain text under headings."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.models import OptionInfo, ParameterInfo

METAVARS = {int: "N", float: "X", str: "TEXT", Path: "PATH"}
"""The word for an option's value in help, by its type, unless the option names its own."""
KEYWORD = inspect.Parameter.KEYWORD_ONLY
PLAIN: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None}


class Verb(TyperCommand):
    """A command whose help lists its options under the headings of their records."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for one in self.get_params(ctx):
            panel = (
                one.rich_help_panel or "Options" if isinstance(one, TyperOption) else "Arguments"
            )
            if row := one.get_help_record(ctx):
                sections.setdefault(panel, []).append(row)
        # few change these
        sections["Machine"] = sections.pop("Machine", [])
        _write(sections, formatter)


class Verbs(TyperGroup):
    """A group whose help lists its verbs under their headings."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        room = formatter.width - 6 - max(map(len, self.commands))
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, verb in self.commands.items():
            panel = getattr(verb, "rich_help_panel", None) or "Commands"
            sections.setdefault(panel, []).append((name, verb.get_short_help_str(room)))
        _write(sections, formatter)


def _write(sections: dict[str, list[tuple[str, str]]], formatter: Any) -> None:
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def add_verbs(app: typer.Typer, sections: Mapping[str, Sequence[str]]) -> None:
    """Add the verbs of each section of the help.

    The file of a verb has its name, with `_` after a word that Python reserves, and in it either a
    function of that name or `app`, a group of verbs.
    """
    for heading, names in sections.items():
        for name in names:
            word = f"{name}_" if iskeyword(name) else name
            module = import_module(f"agent.cli.{word}")
            if group := getattr(module, "app", None):
                app.add_typer(group, name=name, rich_help_panel=heading)
            else:
                app.command(name, cls=Verb, rich_help_panel=heading)(flat(getattr(module, word)))


def flat(verb: Callable[..., None]) -> Callable[..., None]:
    """The same verb with an option for each field of each record that it takes.

    A record is a dataclass whose fields come from `options.option`; its class variable `heading`
    is that of its options in help.
    """
    records: dict[str, Any] = {}
    parameters = []
    for parameter in inspect.signature(verb, eval_str=True).parameters.values():
        if is_dataclass(parameter.annotation):
            records[parameter.name] = parameter.annotation
            parameters += _options(parameter.annotation)
        else:
            parameters.append(_parameter(parameter))

    @functools.wraps(verb)
    def called(**values: Any) -> None:
        for name, record in records.items():
            values[name] = record(**{one.name: values.pop(one.name) for one in fields(record)})
        verb(**values)

    del called.__wrapped__
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _options(record: Any) -> list[inspect.Parameter]:
    hints, made = get_type_hints(record), []
    for one in fields(record):
        info = copy(one.metadata["option"])
        info.rich_help_panel = record.heading
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        default = inspect.Parameter.empty if default is MISSING else default
        kind: Any = hints[one.name]
        annotation = Annotated[kind, info]
        made.append(inspect.Parameter(one.name, KEYWORD, default=default, annotation=annotation))
    return [_parameter(parameter) for parameter in made]


def _parameter(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter for typer, with a word for its value in help."""
    kind, default = parameter.annotation, parameter.default
    infos = [copy(one) for one in (*get_args(kind), default) if isinstance(one, ParameterInfo)]
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    for info in infos:
        word = METAVARS.get(_value_type(kind))
        info.metavar = info.metavar or (
            word if isinstance(info, OptionInfo) else parameter.name.upper()
        )
    if isinstance(default, ParameterInfo):
        return parameter.replace(kind=KEYWORD, annotation=kind, default=infos[0])
    return parameter.replace(kind=KEYWORD, annotation=Annotated[kind, *infos])


def _value_type(kind: Any) -> Any:
    """`int` of `int`, `int | None` and `list[int]`."""
    inside = [one for one in get_args(kind) if one is not NoneType]
    return inside[0] if inside else kind
