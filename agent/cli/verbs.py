"""How a function becomes a verb: its records become options, its help plain text under headings."""

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from keyword import iskeyword
from typing import Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

WORDS = {
    "int range": "N",
    "int": "N",
    "float range": "X",
    "float": "X",
    "str": "TEXT",
    "Path": "PATH",
    "path": "PATH",
}
"""The word for an option's value in help, for the type that typer shows."""
TYPE = re.compile(r"<(?:list\[)?([\w ]+)\]?>")


class Verb(TyperCommand):
    """A command whose help lists its options under the headings of their records."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for one in self.get_params(ctx):
            if not (row := one.get_help_record(ctx)):
                continue
            if isinstance(one, TyperOption):
                name = TYPE.sub(lambda kind: WORDS.get(kind[1], kind[0]), row[0])
                sections.setdefault(one.rich_help_panel or "Options", []).append((name, row[1]))
            else:
                sections["Arguments"].append((row[0].split()[0].upper(), row[1]))
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


PLAIN: dict[str, Any] = {"cls": Verbs, "no_args_is_help": True, "rich_markup_mode": None}
"""Of every group of verbs."""


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
                add(app, getattr(module, word), heading)


def add(app: typer.Typer, verb: Callable[..., None], heading: str | None = None) -> None:
    """Add a function as a verb of its name, with `-` for `_`, under a heading of the help."""
    name = verb.__name__.rstrip("_").replace("_", "-")
    app.command(name, cls=Verb, rich_help_panel=heading)(flat(verb))


def flat(verb: Callable[..., None]) -> Callable[..., None]:
    """The same verb with an option for each field of each record that it takes.

    A record is a dataclass whose fields come from `options.option`; its class variable `heading`
    is that of its options in help.
    """
    records: dict[str, Any] = {}
    parameters: list[inspect.Parameter] = []
    for one in inspect.signature(verb, eval_str=True).parameters.values():
        if is_dataclass(one.annotation):
            records[one.name] = one.annotation
            parameters += _options(one.annotation)
        else:
            parameters.append(one.replace(kind=one.KEYWORD_ONLY))

    @functools.wraps(verb)
    def called(**values: Any) -> None:
        for name, record in records.items():
            values[name] = record(**{one.name: values.pop(one.name) for one in fields(record)})
        verb(**values)

    del called.__wrapped__
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _options(record: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(record)
    for one in fields(record):
        option, kind = copy(one.metadata["option"]), hints[one.name]
        option.rich_help_panel = record.heading
        default = one.default_factory() if one.default_factory is not MISSING else one.default
        if default is not MISSING:
            option.default = default
        yield inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=kind
        )
