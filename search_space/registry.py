"""The kinds of parts: those of the whole run, and those of each phase in the order of a step."""

from search_space.part import Kind
from search_space.parts.averaging import AVERAGING
from search_space.parts.blend import BLEND
from search_space.parts.coordinates import COORDINATES
from search_space.parts.damping import DAMPING
from search_space.parts.decay import DECAY
from search_space.parts.direction import DIRECTION
from search_space.parts.keys import KEYS
from search_space.parts.magnitude import MAGNITUDE
from search_space.parts.mask import MASK
from search_space.parts.memory import MEMORY
from search_space.parts.momentum import MOMENTUM
from search_space.parts.queries import QUERIES
from search_space.parts.readout import READOUT
from search_space.parts.schedule import SCHEDULE
from search_space.parts.start import START
from search_space.parts.steps import STEPS
from search_space.parts.temperature import TEMPERATURE
from search_space.parts.treatment import TREATMENT
from search_space.parts.vectors import VECTORS

RUN_KINDS: tuple[Kind, ...] = (START, READOUT, AVERAGING)
PHASE_KINDS: tuple[Kind, ...] = (
    COORDINATES,
    TEMPERATURE,
    QUERIES,
    VECTORS,
    TREATMENT,
    MOMENTUM,
    DIRECTION,
    BLEND,
    MEMORY,
    DAMPING,
    MASK,
    MAGNITUDE,
    STEPS,
    KEYS,
    DECAY,
    SCHEDULE,
)
KINDS: tuple[Kind, ...] = RUN_KINDS + PHASE_KINDS


def get_kind(name: str) -> Kind:
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ValueError(f"no kind named {name!r}; there are: {', '.join(k.name for k in KINDS)}")
