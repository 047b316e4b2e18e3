"""Warm start: what earlier studies of the same track found best."""

from collections.abc import Iterator, Sequence

from agent.study.records import Origin
from agent.study.settings import Earlier, Settings
from agent.study.study import Study
from search_space.spec import Spec

MOST = 3
"""Specs that a new study takes over."""


def best_earlier(studies: Sequence[Study], settings: Settings) -> tuple[Earlier, ...]:
    """The best different specs of studies whose values compare with those of `settings`.

    Recipes are left out: a study tries them anyway, or was told not to.
    """
    comparable = [study for study in studies if _comparable(study.settings, settings)]
    found = sorted(
        (
            (value, study.name, number, spec)
            for study in comparable
            for value, number, spec in _of(study)
        ),
        key=lambda one: one[:3],
    )
    kept: dict[str, Earlier] = {}
    for _, name, number, spec in found:
        kept.setdefault(spec.identifier, Earlier(name, number, spec.to_json()))
    return tuple(kept.values())[:MOST]


def _comparable(one: Settings, other: Settings) -> bool:
    names = ("track", "track_digest", "objective", "scale", "device")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _of(study: Study) -> Iterator[tuple[float, int, Spec]]:
    """Value, number and spec of the complete trials that the space can still express."""
    for trial in study.ranked():
        spec = trial.proposal.known_spec()
        if spec and trial.value is not None and trial.proposal.origin is not Origin.RECIPE:
            yield trial.value, trial.number, spec
