"""A submission file from an optimizer class, with what the class uses of its module or notebook."""

import __future__

import ast
import inspect
import math
import sys
import textwrap
from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

from agent.study.errors import UserError

PLAIN = (bool, int, float, complex, str, bytes, type(None))
LENGTH = "max_steps"
"""By this name a constructor takes the number of steps of its run."""


def class_source(optimizer: type, settings: Mapping[str, Any]) -> str:
    """Source that defines `Submission(params)`: the class, constructed with `settings`.

    Functions, classes and plain constants of the module where the class is defined come with it;
    what belongs to a library is imported. A constructor that takes `max_steps` still does, unless
    the settings have it. Raises UserError for what can be neither.
    """
    if not isinstance(optimizer, type):
        shown = " ".join(repr(optimizer).split())[:60]
        raise UserError(f"{shown} is no class; give the class, not an optimizer made of it")
    for name, value in settings.items():
        if not _is_plain(value):
            raise UserError(f"{name}={value!r}: settings are numbers, texts and tuples of these")
    writer = _Writer(optimizer.__module__)
    writer.add(optimizer.__name__, optimizer)
    given = "".join(f", {name}={_literal(value)}" for name, value in settings.items())
    if optimizer.__name__ != "Submission" or given:
        length = "" if LENGTH in settings else _length(optimizer)
        given += f", {LENGTH}={LENGTH}" if length else ""
        writer.definitions.append(
            f"class Submission({optimizer.__name__}):  # type: ignore\n"
            f"    def __init__(self, params{length}):\n        super().__init__(params{given})\n"
        )
    home = vars(sys.modules[optimizer.__module__])
    future = ["from __future__ import annotations"] if postpones_annotations(home) else []
    imports = "\n".join(dict.fromkeys([*future, *writer.imports]))
    return "\n\n".join([imports, *writer.definitions]).lstrip()


def postpones_annotations(namespace: Mapping[str, Any]) -> bool:
    """Whether a module reads annotations as text: then they may name what it has not imported."""
    return namespace.get("annotations") is __future__.annotations


def _length(optimizer: type) -> str:
    """The parameter `max_steps` of the constructor with its default; empty where it has none."""
    found = inspect.signature(optimizer).parameters.get(LENGTH)
    if found is None or not _is_plain(found.default):
        return ""
    return f", {LENGTH}={_literal(found.default)}"


class _Writer:
    """Collects the source of names that a class needs from the module `home`."""

    def __init__(self, home: str) -> None:
        self.imports: list[str] = []
        self.definitions: list[str] = []
        self._home = home
        self._namespace = vars(sys.modules[home])
        self._seen: set[str] = set()

    def add(self, name: str, value: Any) -> None:
        """The definition of `name`, after those of what it uses."""
        if name in self._seen:
            return
        self._seen.add(name)
        if isinstance(value, ModuleType):
            self.imports.append(f"import {value.__name__} as {name}")
        elif isinstance(value, type | FunctionType) and self._is_ours(value):
            self._add_definition(name, value)
        elif _is_plain(value):
            self.definitions.append(f"{name} = {_literal(value)}\n")
        elif hasattr(value, "__module__") and hasattr(value, "__name__"):
            self.imports.append(f"from {value.__module__} import {value.__name__} as {name}")
        else:
            kind = type(value).__name__
            raise UserError(
                f"the class uses {name} of type {kind}, which is outside of it and no file can "
                "hold: move it into the class, or give the class by its file"
            )

    def _is_ours(self, value: type | FunctionType) -> bool:
        own = sys.modules[self._home]
        library = "site-packages" in (getattr(own, "__file__", None) or "")
        return value.__module__ == self._home and not library

    def _add_definition(self, name: str, value: type | FunctionType) -> None:
        try:
            source = textwrap.dedent(inspect.getsource(value))
        except (OSError, TypeError):
            raise UserError(
                f"the source of {name} cannot be found; put it into a file or a notebook"
            ) from None
        for used in _names(source):
            if used != name and used in self._namespace:
                self.add(used, self._namespace[used])
        self.definitions.append(source)


def _names(source: str) -> Iterator[str]:
    """Names that the source reads, in order."""
    read = [
        node.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
    yield from dict.fromkeys(read)


def _literal(value: Any) -> str:
    """An expression that gives the value, also where it is infinite."""
    if isinstance(value, tuple | list):
        inside = "".join(f"{_literal(one)}, " for one in value)
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    odd = isinstance(value, float) and not math.isfinite(value)
    return f"float({str(value)!r})" if odd else repr(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    return isinstance(value, PLAIN)
