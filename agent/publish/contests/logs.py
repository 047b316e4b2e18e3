"""Logs of the training scripts of contests: the code, the runs and what these reached."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.study.errors import UserError

RULE = re.compile(r"^={60,}\s*$", re.MULTILINE)
"""Ends the code that a log begins with."""
EVALUATED = re.compile(
    r"^(?:step:)?(?P<step>\d+)/\d+:?\s.*?\bval_loss: ?(?P<loss>[\d.]+)", re.MULTILINE
)
FINAL = re.compile(r"\bval_loss:(?P<loss>[\d.]+) val_bpb:(?P<bits>[\d.]+)")
TRAINING_TIME = re.compile(r"\btrain_time: ?([\d.]+)(ms|s)\b")
EVALUATION_TIME = re.compile(r"\bval_bpb:[\d.]+ .*\beval_time:(\d+)ms")
SEED = re.compile(r"^\s*seed: ?(\d+)\s*$", re.MULTILINE)
SEED_IN_NAME = re.compile(r"seed_?(\d+)")
CODE_BYTES = re.compile(r"^Code size: (\d+) bytes", re.MULTILINE)
TOTAL_BYTES = re.compile(r"^Total submission size.*?: (\d+) bytes", re.MULTILINE)


Trial = dict[int, float]
"""The validation losses of a run, by step."""


@dataclass(frozen=True)
class Log:
    """A log with one run or several; `code` is empty where the log does not begin with it."""

    name: str
    text: str
    code: str
    trials: Sequence[Trial]

    @property
    def seed(self) -> str | None:
        """As the log or its name has it."""
        found = SEED.search(self._printed) or SEED_IN_NAME.search(self.name)
        return found[1] if found else None

    @property
    def bits(self) -> tuple[float, float] | None:
        """The last validation loss in nats, and in bits per byte."""
        found = list(FINAL.finditer(self._printed))
        return (float(found[-1]["loss"]), float(found[-1]["bits"])) if found else None

    @property
    def code_bytes(self) -> int | None:
        return self._number(CODE_BYTES)

    @property
    def total_bytes(self) -> int | None:
        return self._number(TOTAL_BYTES)

    @property
    def training_seconds(self) -> float | None:
        """Of the last run."""
        found = TRAINING_TIME.findall(self._printed)
        return float(found[-1][0]) / (1000 if found[-1][1] == "ms" else 1) if found else None

    @property
    def evaluation_seconds(self) -> float | None:
        """Of all final evaluations together."""
        found = EVALUATION_TIME.findall(self._printed)
        return sum(map(int, found)) / 1000 if found else None

    @property
    def _printed(self) -> str:
        return self.text[len(self.code) :]

    def _number(self, pattern: re.Pattern[str]) -> int | None:
        found = pattern.findall(self._printed)
        return int(found[-1]) if found else None


def read_log(path: Path) -> Log:
    """Raises UserError for a file that is no log of a run."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"--log {path}: {error.strerror}; expected a log of a run") from error
    end = RULE.search(text)
    code = text[: end.start()] if end else ""
    trials = _trials(text[len(code) :])
    if not trials:
        raise UserError(
            f"--log {path}: no line such as step:3250/3250 val_loss:3.2787; expected what the "
            "contest's script logs"
        )
    return Log(path.name, text, code, trials)


def read_logs(paths: Sequence[Path]) -> list[Log]:
    """Raises UserError for a file that is no log, and for a log that is given twice."""
    logs = [read_log(path) for path in paths]
    first: dict[str, Path] = {}
    for path, log in zip(paths, logs, strict=True):
        if before := first.get(text := log.text.strip()):
            raise UserError(f"--log {path}: the same as {before}; expected a log a run, each once")
        first[text] = path
    return logs


def _trials(printed: str) -> list[Trial]:
    """Each run begins at a step that is not after the one before."""
    runs: list[Trial] = []
    for match in EVALUATED.finditer(printed):
        step = int(match["step"])
        if not runs or step <= max(runs[-1]):
            runs.append({})
        runs[-1][step] = float(match["loss"])
    return runs
