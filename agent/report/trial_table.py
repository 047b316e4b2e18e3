"""The trials of a study as a table of typed columns, for spreadsheets and data frames."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from agent.report.data import Report
from agent.study.records import FinishedTrial
from search_space.registry import KINDS, RUN_KINDS
from search_space.spec import Spec
from tracks.printable import printable

Cell = str | int | float | datetime | None
"""None stands for what does not apply or was not measured; times are UTC."""
ColumnKind = Literal["integer", "number", "text", "time"]
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""


@dataclass(frozen=True)
class Row:
    """What the cells of a trial are taken from; `spec` is None for code."""

    trial: FinishedTrial
    device: str
    spec: Spec | None


@dataclass(frozen=True)
class Column:
    """A value of every trial."""

    name: str
    kind: ColumnKind
    meaning: str
    of: Callable[[Row], Cell]


@dataclass(frozen=True)
class TrialTable:
    """A row for each finished trial, in order, with a cell for each of `COLUMNS`."""

    rows: Sequence[Sequence[Cell]]

    @classmethod
    def of(cls, report: Report) -> "TrialTable":
        device = report.settings.device
        rows = (Row(trial, device, trial.proposal.known_spec()) for trial in report.trials)
        return cls([[column.of(row) for column in COLUMNS] for row in rows])

    def csv(self) -> str:
        """With a header. Numbers as Python writes them, so that they read back equal."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.name for column in COLUMNS])
        writer.writerows([[_written(cell) for cell in row] for row in self.rows])
        return text.getvalue()


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        text = printable(cell)
        return f"'{text}" if text.startswith(FORMULA) else text
    if isinstance(cell, datetime):
        return cell.isoformat()
    return "" if cell is None else repr(cell)


def _utc(time: datetime | None) -> datetime | None:
    """The ledger has local times without a zone."""
    return time.astimezone(UTC) if time else None


def _part(kind: str) -> Callable[[Row], Cell]:
    """The part of this kind; those of several phases with a plus between them."""
    of_the_run = kind in {one.name for one in RUN_KINDS}

    def found(row: Row) -> Cell:
        if row.spec is None:
            return None
        choices = (row.spec.run,) if of_the_run else row.spec.phases
        return "+".join(dict.fromkeys(one[kind].part for one in choices))

    return found


def _spec(row: Row) -> Cell:
    kept = row.trial.proposal.spec
    return json.dumps(kept) if kept else None


def _of_proposal(name: str) -> Callable[[Row], Cell]:
    return lambda row: _plain(getattr(row.trial.proposal, name))


def _of_outcome(name: str) -> Callable[[Row], Cell]:
    return lambda row: _plain(getattr(row.trial.outcome, name))


def _plain(value: Cell) -> Cell:
    """A text without its type; an empty one is none."""
    return (str(value) or None) if isinstance(value, str) else value


COLUMNS = (
    Column("trial", "integer", "its number", lambda row: row.trial.number),
    Column("state", "text", "how it ended", _of_outcome("state")),
    Column("reason", "text", "why it has no full run", _of_outcome("reason")),
    Column("origin", "text", "where the proposal comes from", _of_proposal("origin")),
    Column("model", "text", "the model that proposed it", lambda row: row.trial.author or None),
    Column("label", "text", "the optimizer's name", _of_proposal("label")),
    Column("scale", "text", "the last one that it ran at", _of_outcome("scale")),
    Column("score", "number", "what ranks it, lower is better", _of_outcome("score")),
    Column("final", "number", "the last metric of its full run", _of_outcome("final")),
    Column("steps_to_target", "integer", "empty where it missed", _of_outcome("steps_to_target")),
    Column("duration_s", "number", "seconds that its runs took", _of_outcome("duration_s")),
    Column("device", "text", "cpu, cuda or mps", lambda row: row.device),
    Column("sandbox", "text", "the level that held", _of_outcome("sandbox")),
    Column("digest", "text", "SHA-256 of its file", _of_proposal("digest")),
    Column("started", "time", "UTC", lambda row: _utc(row.trial.started)),
    Column("ended", "time", "UTC", lambda row: _utc(row.trial.ended)),
    *(Column(f"part_{kind.name}", "text", kind.summary, _part(kind.name)) for kind in KINDS),
    Column("spec", "text", "parts with numbers, as JSON; empty for code", _spec),
)
