"""Which trials are taken and which are abandoned, while another process ends one of them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.study.ledger import Ledger
from agent.study.records import Origin, Outcome, ProposalRecord
from agent.study.settings import Settings
from agent.study.study import Study
from agent.study.trial_locks import TrialLocks
from agent.study.trials import RunningTrial
from agent.study.workspace import Workspace
from tracks.evaluation import State


def coordinator(folder: Path) -> Study:
    """As another process opens the study."""
    return Ledger(Workspace(folder)).open("shared")


def begun(study: Study, locks: TrialLocks) -> RunningTrial:
    trial = study.new_trial()
    trial.keep_proposal(ProposalRecord(origin=Origin.AGENT, label="x", digest="d", spec=None))
    locks.take(trial)
    return trial


@pytest.mark.parametrize("ends", ["before", "after"])
def test_a_trial_that_ends_meanwhile_is_taken_and_not_abandoned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    Ledger(Workspace(tmp_path)).create("shared", Settings("mqar", "steps", 1, 0, 3, "full"))
    here, there = coordinator(tmp_path), coordinator(tmp_path)
    ours, theirs = TrialLocks(here), TrialLocks(there)
    trial = begun(there, theirs)
    asked = here.locks.held

    def held(names: Sequence[str]) -> set[str]:
        """The trial ends just before, or after, this process asks who has it."""
        before = asked(names)
        if names:
            trial.end(Outcome(state=State.COMPLETE), 1.0)
            theirs.release(trial.number)
        return before if ends == "after" else asked(names)

    with monkeypatch.context() as patched:
        patched.setattr(here.locks, "held", held)
        assert ours.abandoned() == []
    assert ours.taken() == 1


def test_what_no_process_has_is_abandoned(tmp_path: Path) -> None:
    Ledger(Workspace(tmp_path)).create("shared", Settings("mqar", "steps", 1, 0, 3, "full"))
    here, there = coordinator(tmp_path), coordinator(tmp_path)
    with TrialLocks(there) as theirs:
        trial = begun(there, theirs)
        assert (TrialLocks(here).taken(), TrialLocks(here).abandoned()) == (1, [])
    locks = TrialLocks(here)
    assert [one.number for one in locks.abandoned()] == [trial.number]
    assert locks.taken() == 0
