"""The kinds of parts: those of the whole run, and those of each phase in the order of a step."""

from dataclasses import replace
from importlib import import_module

from search_space.part import Kind, Part

OF_THE_RUN = "start readout averaging"
OF_A_PHASE = (
    "coordinates temperature queries vectors treatment momentum direction blend memory damping "
    "mask magnitude steps keys decay schedule"
)


def _kind(name: str) -> Kind:
    """The kind that a file of `search_space.parts` declares, with the parts of that file."""
    declared = vars(import_module(f"search_space.parts.{name}"))
    kind: Kind = declared["KIND"]
    return replace(kind, parts=tuple(it for it in declared.values() if isinstance(it, Part)))


RUN_KINDS = tuple(_kind(name) for name in OF_THE_RUN.split())
PHASE_KINDS = tuple(_kind(name) for name in OF_A_PHASE.split())
KINDS = RUN_KINDS + PHASE_KINDS


def get_kind(name: str) -> Kind:
    """The kind named `name`. Raises ValueError."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ValueError(f"no kind named {name!r}; there are: {', '.join(k.name for k in KINDS)}")
