"""The kinds of parts: those of the whole run, and those of each phase in the order of a step."""

from importlib import import_module

from search_space.part import Kind

OF_THE_RUN = "start readout averaging"
OF_A_PHASE = (
    "coordinates temperature queries vectors treatment momentum direction blend memory damping "
    "mask magnitude steps keys decay schedule"
)


def _kinds(names: str) -> tuple[Kind, ...]:
    """The kinds that the files of `search_space.parts` with these names declare."""
    return tuple(import_module(f"search_space.parts.{name}").KIND for name in names.split())


RUN_KINDS = _kinds(OF_THE_RUN)
PHASE_KINDS = _kinds(OF_A_PHASE)
KINDS = RUN_KINDS + PHASE_KINDS


def get_kind(name: str) -> Kind:
    """The kind named `name`. Raises ValueError."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ValueError(f"no kind named {name!r}; there are: {', '.join(k.name for k in KINDS)}")
