"""A submission file: read and parsed here, run by the optimizer host alone."""

import ast
import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 2**20
DEEPEST = 500
"""Levels of a syntax tree: the depth that Python's own parser takes depends on who calls it."""


class InvalidSubmissionError(ValueError):
    """The file cannot be a submission; the message says why and what was expected."""


@dataclass(frozen=True)
class Submission:
    source: str
    path: str = "submission.py"

    @property
    def name(self) -> str:
        """The file's name, or its folder's where the file is called submission.py."""
        path = Path(self.path)
        named_by_folder = path.name == "submission.py" and path.parent.name
        return path.parent.name if named_by_folder else path.stem

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, hexadecimal."""
        return hashlib.sha256(self.source.encode()).hexdigest()


def read_submission(path: Path) -> Submission:
    """Read and parse `path`, or its `submission.py` where it is a directory."""
    if path.is_dir():
        path = path / "submission.py"
    expected = "expected a Python file that defines Submission"
    try:
        if path.exists() and not path.is_file():
            raise InvalidSubmissionError(f"{path}: not a file; {expected}")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InvalidSubmissionError(
                f"{path}: {size} bytes; expected one Python file of at most {MAX_BYTES} bytes"
            )
        submission = Submission(path.read_bytes().decode("utf-8-sig"), str(path))
    except OSError as error:
        raise InvalidSubmissionError(f"{path}: {error.strerror}; {expected}") from error
    except UnicodeDecodeError as error:
        raise InvalidSubmissionError(f"{path}: not UTF-8 text; {expected}") from error
    parse_submission(submission)
    return submission


def parse_submission(submission: Submission) -> None:
    """Raise InvalidSubmissionError for a text that is empty, not Python, or nested too deeply."""
    path, source = submission.path, submission.source
    if len(source) > MAX_BYTES:
        raise InvalidSubmissionError(f"{path}: too long; expected at most {MAX_BYTES} bytes")
    if not source.strip():
        raise InvalidSubmissionError(
            f"{path}: empty; expected a class Submission(torch.optim.Optimizer)"
        )
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(source, path, "exec", dont_inherit=True)
            depth = _depth(ast.parse(source))
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise InvalidSubmissionError(f"{path}{line}: syntax error: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise _too_deep(path) from error
    except ValueError as error:
        raise InvalidSubmissionError(f"{path}: {error}; expected a Python file") from error
    if depth > DEEPEST:
        raise _too_deep(path)


def _depth(tree: ast.AST) -> int:
    """The levels of a tree, counted without recursion."""
    level, depth = [tree], 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def _too_deep(path: str) -> InvalidSubmissionError:
    return InvalidSubmissionError(
        f"{path}: nested too deeply; expected at most {DEEPEST} levels of syntax"
    )
