"""What a study's screen has measured, from which trials can be learned as from trials."""

from collections.abc import Sequence
from typing import Any, Protocol

from agent.proposers.proposer import Seen
from agent.study.remembered import remembered
from search_space.spec import Spec, SpecJson, make_spec


class Screen(Protocol):
    """Measures `count` specs that are proposed for a trial, at a small scale."""

    count: int

    def measured(self, specs: Sequence[Spec]) -> list[Seen]: ...


class Candidates:
    """All specs that were screened for the trials of a study, with their places at the screen."""

    def __init__(self) -> None:
        self._of_trial: dict[int, list[Seen]] = {}

    def read(self, trial: int, written: Sequence[tuple[SpecJson, float, float]]) -> None:
        """Those that were kept with a trial, unless they are known."""
        if trial not in self._of_trial:
            self._of_trial[trial] = _read(written)

    def keep(self, trial: int, measured: Sequence[Seen]) -> Any:
        """Those of a trial, in place of any before; returns what to write, so that a resumed study
        has them."""
        self._of_trial[trial] = list(measured)
        return [[one.spec.to_json(), *one.place] for one in measured]

    def all_but(self, trial: int) -> list[Seen]:
        """The remembered ones of other trials, in order, each spec once."""
        seen: dict[str, Seen] = {}
        for number in sorted(self._of_trial.keys() - {trial}):
            for one in self._of_trial[number]:
                seen.setdefault(one.spec.identifier, one)
        return remembered(list(seen.values()), lambda one: one.place)


def _read(written: Sequence[tuple[SpecJson, float, float]]) -> list[Seen]:
    """Without those from when the space had other parts."""
    found = []
    for spec, stage, value in written:
        try:
            found.append(Seen(make_spec(spec), (stage, value)))
        except ValueError:
            continue
    return found
