"""Studies: run, resume, and read what they found."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from agent.api.options import (
    ResumeOptions,
    RunOptions,
    checked,
    chosen,
    study_of,
    submission_of,
    track_of,
    working_in,
)
from agent.cli import inputs
from agent.cli.interrupt import Interrupted
from agent.cli.machine import AnyMachine
from agent.cli.model import ModelOptions
from agent.cli.run import carried_out
from agent.cli.run_options import Search, Target
from agent.cli.run_options import Verdict as VerdictOptions
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.report.data import Report
    from agent.study.records import FinishedTrial
    from agent.verdict.ablation_record import Ablation
    from agent.verdict.transfer_record import TransferRecord
    from agent.verdict.verdict import Verdict

FRAME = {
    "integer": "Int64",
    "number": "float64",
    "text": "string",
    "time": "datetime64[us, UTC]",
}
"""Types of pandas by kinds of columns."""


@dataclass(frozen=True)
class StudyResult:
    """A study as it stands; in a notebook it shows its report."""

    report: "Report"

    @property
    def name(self) -> str:
        return self.report.study.name

    @property
    def folder(self) -> Path:
        """With the report, the trials and the winner."""
        return self.report.study.folder

    @cached_property
    def trials(self) -> "Sequence[FinishedTrial]":
        """Those that have ended, in order."""
        return self.report.trials

    @property
    def best(self) -> "FinishedTrial | None":
        """The best complete trial."""
        return self.report.ranked[0] if self.report.ranked else None

    @property
    def verdict(self) -> "Verdict | None":
        return self.report.verdict

    @property
    def ablation(self) -> "Ablation | None":
        return self.report.ablation

    @property
    def transfer(self) -> "TransferRecord | None":
        """The winner on other tasks, where it was tried."""
        return self.report.transfer

    def to_frame(self) -> Any:
        """The trials as a pandas data frame, with the columns of `report --csv`.

        Raises UserError where pandas is missing.
        """
        try:
            import pandas as pd  # type: ignore[import-untyped, import-not-found, unused-ignore]
        except ImportError as error:
            raise UserError("to_frame needs pandas: pip install pandas") from error
        from agent.report.trial_table import COLUMNS, TrialTable

        names = [column.name for column in COLUMNS]
        frame = pd.DataFrame(TrialTable.of(self.report).rows, columns=names)
        return frame.astype({column.name: FRAME[column.kind] for column in COLUMNS})

    def _repr_markdown_(self) -> str:
        from agent.report.markdown import study_report

        return study_report(self.report)


def run(track: str | Path, **options: Unpack[RunOptions]) -> StudyResult:
    """Search for an optimizer on a track (its name, or its file), and judge the best one.

    Progress goes to standard error; an interrupt stops it in order, and `resume` continues.

    Raises UserError for wrong options and for what is wrong with a track, MachineError where the
    machine fails.
    """
    return _search(RunOptions, options, track=track_of(track))


def resume(study: str, **options: Unpack[ResumeOptions]) -> StudyResult:
    """Continue a study, also one that is finished with a larger `budget`. Raises as `run`."""
    return _search(ResumeOptions, options, resume=study_of(study))


def open_study(name: str, workspace: str | Path = ".", storage: str | None = None) -> StudyResult:
    """A study as it stands. Raises UserError where there is none of this name."""
    from agent.report.data import Report

    with working_in(workspace, storage):
        return StudyResult(Report(inputs.open_ledger(read_only=True).open(study_of(name))))


@contextmanager
def _interrupts() -> Iterator[None]:
    """Python's own exception for Ctrl-C, with the line that says how to continue."""
    try:
        yield
    except Interrupted as error:
        raise KeyboardInterrupt(str(error)) from None


def _search(kind: Any, options: Mapping[str, Any], **which: Any) -> StudyResult:
    given = checked(kind, options)
    files = [submission_of(one, {}) for one in given.get("submissions", [])]
    for file in files:
        inputs.require_allowed(file)
    with working_in(given.get("workspace", "."), given.get("storage")), _interrupts():
        found = carried_out(
            Target(**which, **chosen(Target, given)),
            Search(**chosen(Search, given)),
            VerdictOptions(**chosen(VerdictOptions, given)),
            ModelOptions(**chosen(ModelOptions, given)),
            AnyMachine(**chosen(AnyMachine, given)),
            files,
        )
        return StudyResult(found)
