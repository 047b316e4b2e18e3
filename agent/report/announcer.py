"""The events of a study, found in its records whenever its view is called."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from agent.proposers.llm.spending import spent_usd
from agent.report.event import Event, EventName, Fields
from agent.study.progress import View
from agent.study.settings import Stage
from agent.study.study import Study
from agent.verdict.publication import Publication
from agent.verdict.verdict import Verdict

JUDGED = (Stage.COMPARE, Stage.TRANSFER, Stage.PUBLISH, Stage.DONE)
"""Stages before which a verdict is final."""


class Announcer:
    """A view that passes everything on to another, and sends events.

    What was in the records before is not announced again when a study is resumed.
    """

    def __init__(self, view: View, study: Study, send: Callable[[Event], None]) -> None:
        self._view, self._study, self._send = view, study, send
        self._lock = threading.Lock()
        self._number = 0
        self._known = {trial.number for trial in study.finished()}
        self._best = _number_of_best(study)
        self._verdict, self._commit = _verdict(study), _commit(study)

    def stage(
        self, stage: Stage, stage_s: float | None = None, later_s: float | None = None
    ) -> None:
        self._view.stage(stage, stage_s, later_s)
        with self._lock:
            if stage is Stage.SEARCH:
                self._tell("study_started")
            self._tell_trials()
            if stage in JUDGED:
                self._tell_verdict()
            if stage is Stage.DONE:
                self._tell_winner()
                self._tell("study_finished", trial=_best_row(self._study))

    def phase(self, title: str, total: int, done: int = 0) -> None:
        self._view.phase(title, total, done)

    def advanced(self, key: str, label: str, fraction: float) -> None:
        self._view.advanced(key, label, fraction)

    def choosing(self, line: str) -> None:
        self._view.choosing(line)

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        self._view.finished(key, line, failed=failed)
        if self._study.stage is Stage.SEARCH:
            with self._lock:
                self._tell_trials()

    def best(self, line: str) -> None:
        self._view.best(line)

    def note(self, line: str) -> None:
        self._view.note(line)

    def _tell_trials(self) -> None:
        for trial in self._study.finished():
            if trial.number not in self._known:
                self._known.add(trial.number)
                self._tell("trial_finished", trial=trial.row())
        if (best := _number_of_best(self._study)) != self._best:
            self._best = best
            self._tell("new_best", trial=_best_row(self._study))

    def _tell_verdict(self) -> None:
        verdict = _verdict(self._study)
        if verdict and verdict != self._verdict:
            self._tell("verdict", verdict=verdict)
        self._verdict = verdict

    def _tell_winner(self) -> None:
        winner = Publication.of(self._study)
        if winner and winner.commit and winner.commit != self._commit:
            about = {"name": winner.name, "folder": winner.folder, "branch": winner.branch}
            self._tell("winner_committed", winner={**about, "commit": winner.commit})

    def _tell(
        self,
        event: EventName,
        *,
        trial: Fields | None = None,
        verdict: Fields | None = None,
        winner: Fields | None = None,
    ) -> None:
        self._number += 1
        study, settings = self._study, self._study.settings
        self._send(
            Event(
                event=event,
                number=self._number,
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                study=study.name,
                track=settings.track,
                objective=settings.objective,
                scale=settings.scale,
                stage=study.stage,
                finished=len(study.finished()),
                budget=settings.budget,
                usd=spent_usd(study),
                trial=trial,
                verdict=verdict,
                winner=winner,
            )
        )


def _number_of_best(study: Study) -> int | None:
    best = study.best()
    return best.number if best else None


def _best_row(study: Study) -> Fields | None:
    best = study.best()
    return best.row() if best else None


def _verdict(study: Study) -> Fields | None:
    """Of a verdict what stays the same while the stages after it add to its record."""
    found = Verdict.of(study)
    if found is None:
        return None
    return {
        "accepted": found.accepted,
        "challenger": found.challenger,
        "incumbent": found.incumbent,
        "reason": found.reason,
        "p": found.test.p if found.test else None,
        "instances": len(found.pairs),
        "trial": found.trial,
    }


def _commit(study: Study) -> str | None:
    found = Publication.of(study)
    return found.commit if found else None
