"""The kinds of parts: those of the whole run, and those of each phase in the order of a step."""

from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from search_space import parts
from search_space.part import Kind, Part

OF_THE_RUN = "start readout outer averaging"
OF_A_PHASE = (
    "coordinates temperature queries vectors treatment momentum precondition direction blend "
    "memory damping mask magnitude steps keys decay radial schedule"
)


def _kind(name: str) -> Kind:
    """The kind that `search_space/parts/NAME.py` declares; more of its parts stand in NAME_*.py."""
    modules = sorted(info.name for info in iter_modules(parts.__path__))
    files = [name, *(module for module in modules if module.startswith(f"{name}_"))]
    declared = [vars(import_module(f"{parts.__name__}.{file}")) for file in files]
    found = tuple(it for names in declared for it in names.values() if isinstance(it, Part))
    kind: Kind = declared[0]["KIND"]
    return replace(kind, parts=found)


RUN_KINDS = tuple(_kind(name) for name in OF_THE_RUN.split())
PHASE_KINDS = tuple(_kind(name) for name in OF_A_PHASE.split())
KINDS = RUN_KINDS + PHASE_KINDS


def get_kind(name: str) -> Kind:
    """The kind named `name`. Raises ValueError."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ValueError(f"no kind named {name!r}; there are: {', '.join(k.name for k in KINDS)}")
