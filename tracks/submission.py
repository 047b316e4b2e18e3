"""A submission file: read and parsed here, run by the optimizer host alone."""

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 2**20


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
    """Raise InvalidSubmissionError for a text that is not Python, or empty."""
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
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise InvalidSubmissionError(f"{path}{line}: syntax error: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise InvalidSubmissionError(f"{path}: nested too deeply for Python's parser") from error
    except ValueError as error:
        raise InvalidSubmissionError(f"{path}: {error}; expected a Python file") from error
