"""A submission inside another program, as the body of a function, and out of it again."""

import ast
import re
from collections.abc import Iterator

from agent.study.errors import UserError
from tracks.submission import Submission

FUNCTION = "submission_class"
"""Its value is the class. A function keeps the names of both programs apart."""
END = "    return Submission"
FUTURE = re.compile(r"^(from __future__ import .+)$")
COMMENT = r"# \1"
FUTURE_OUTSIDE = re.compile(r"^# (from __future__ import .+)$")
"""Such an import stands at the start of a program, and as a comment inside the function."""
BEGINS = re.compile(rf"^# (\S+), SHA-256 [0-9a-f]{{64}}\ndef {FUNCTION}\(\):\n", re.MULTILINE)


def enclosed(submission: Submission, name: str) -> str:
    """The submission as a function whose value is its class.

    Raises UserError for code that would not do the same inside a function.
    """
    for line, reason in _obstacles(ast.parse(submission.source)):
        raise UserError(f"{submission.path}, line {line}: {reason}")
    body = submission.source.removesuffix("\n")
    kept = _inside_strings(body)
    shifted = [
        line if number in kept or not line.strip() else f"    {FUTURE.sub(COMMENT, line)}"
        for number, line in enumerate(body.split("\n"), 1)
    ]
    head = f"# {name}, SHA-256 {submission.digest}\ndef {FUNCTION}():\n"
    return head + "\n".join(shifted) + f"\n\n{END}\n"


def future_imports(submission: Submission) -> str:
    """The lines that the program around it needs at its start."""
    kept, lines = _inside_strings(submission.source), submission.source.split("\n")
    code = [line for number, line in enumerate(lines, 1) if number not in kept]
    return "".join(f"{line}\n" for line in code if FUTURE.match(line))


def is_enclosed(program: str) -> bool:
    """Whether a submission is inside."""
    return bool(BEGINS.search(program))


def taken_out(program: str) -> tuple[str, str]:
    """The name and the source of the submission inside. Raises ValueError without a whole one."""
    begin = BEGINS.search(program)
    if begin is None or (end := program.find(f"\n{END}\n", begin.end())) < 0:
        raise ValueError("no submission inside")
    shifted = program[begin.end() : end]
    try:
        strings = _inside_strings(f"def {FUNCTION}():\n{shifted}\n{END}\n")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(str(error)) from error
    kept = {line - 1 for line in strings}
    lines = [
        line if number in kept else FUTURE_OUTSIDE.sub(r"\1", line.removeprefix("    "))
        for number, line in enumerate(shifted.split("\n"), 1)
    ]
    return begin[1], "\n".join(lines)


def _inside_strings(source: str) -> set[int]:
    """Lines that begin inside a string, other than a docstring: their spaces count."""
    tree = ast.parse(source)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
        if id(node) not in docs
        for line in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1)
    }


def _obstacles(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                yield node.lineno, "import * cannot stand in the script; name what it imports"
            case ast.ImportFrom(module="__future__") if node.lineno != node.end_lineno:
                yield node.lineno, "write from __future__ import ... on one line"
            case ast.Global():
                yield node.lineno, "global means the script's names there; pass the value on"
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                yield node.lineno, "what stands under __main__ would run in the script; delete it"
