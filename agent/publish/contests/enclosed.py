"""A submission inside another program, as the body of a function, and out of it again."""

import ast
import re
from collections.abc import Iterator

from agent.study.errors import UserError
from tracks.submission import Submission

FUNCTION = "submission_class"
"""Its value is the class. A function keeps the names of both programs apart."""
END = "    return Submission"
MOVED = "# at the start of this program: "
"""Before an import of __future__, which may stand nowhere else. Its line is not indented; every
other line outside strings that is not empty is, so no line of a submission is mistaken for it."""
BEGINS = re.compile(rf"^# (\S+), SHA-256 [0-9a-f]{{64}}\ndef {FUNCTION}\(\):\n", re.MULTILINE)


def enclosed(submission: Submission, name: str) -> str:
    """The submission as a function whose value is its class; `taken_out` gives the very text back.

    Raises UserError for code that would not do the same inside a function.
    """
    source, tree = submission.source, ast.parse(submission.source)
    for line, reason in _obstacles(tree, source):
        raise UserError(f"{submission.path}, line {line}: {reason}")
    kept, moved = _inside_strings(tree), _future_lines(tree)

    def shifted(number: int, line: str) -> str:
        if number in moved:
            return f"{MOVED}{line}"
        return line if number in kept or not line else f"    {line}"

    lines = [shifted(number, line) for number, line in enumerate(source.split("\n"), 1)]
    head = f"# {name}, SHA-256 {submission.digest}\ndef {FUNCTION}():\n"
    return head + "\n".join(lines) + f"\n{END}\n"


def future_imports(submission: Submission) -> str:
    """The lines that the program around it needs at its start."""
    lines = submission.source.split("\n")
    moved = _future_lines(ast.parse(submission.source))
    return "".join(f"{lines[number - 1]}\n" for number in sorted(moved))


def is_enclosed(program: str) -> bool:
    """Whether a submission is inside."""
    return bool(BEGINS.search(program))


def taken_out(program: str) -> tuple[str, str]:
    """The name and the source of the submission inside. Raises ValueError without a whole one."""
    if begin := BEGINS.search(program):
        for end in re.finditer(rf"\n{END}\n", program[begin.end() :]):
            shifted = program[begin.end() : begin.end() + end.start()]
            try:
                # a string of the submission may hold that line too; cut there it is no program
                tree = ast.parse(f"def {FUNCTION}():\n{shifted}\n{END}\n")
            except (SyntaxError, RecursionError, MemoryError):
                continue
            return begin[1], _shifted_back(shifted, {n - 1 for n in _inside_strings(tree)})
    raise ValueError("no whole submission inside")


def _shifted_back(shifted: str, kept: set[int]) -> str:
    lines = [
        line if number in kept else line.removeprefix(MOVED).removeprefix("    ")
        for number, line in enumerate(shifted.split("\n"), 1)
    ]
    return "\n".join(lines)


def _inside_strings(tree: ast.Module) -> set[int]:
    """Lines that begin inside a string, other than a docstring: their spaces count."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
        if id(node) not in docs
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }


def _future_lines(tree: ast.Module) -> set[int]:
    imports = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    return {node.lineno for node in imports if node.module == "__future__"}


def _obstacles(tree: ast.Module, source: str) -> Iterator[tuple[int, str]]:
    if "\r" in source:
        line = source[: source.index("\r")].count("\n") + 1
        yield line, "a carriage return; write it with line feeds alone, and confirm it so"
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                yield node.lineno, "import * cannot stand in the script; name what it imports"
            case ast.ImportFrom(module="__future__") if _shares_line(node, tree):
                yield node.lineno, "write from __future__ import ... on one line of its own"
            case ast.Global():
                yield node.lineno, "global means the script's names there; pass the value on"
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                yield node.lineno, "what stands under __main__ would run in the script; delete it"


def _shares_line(node: ast.stmt, tree: ast.Module) -> bool:
    others = (one for one in tree.body if one is not node)
    on_it = any(one.lineno <= node.lineno <= (one.end_lineno or 0) for one in others)
    return on_it or node.lineno != node.end_lineno
