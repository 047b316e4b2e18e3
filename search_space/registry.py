"""The kinds of parts, in the order in which a step uses them."""

from search_space.part import Kind
from search_space.parts.decay import DECAY
from search_space.parts.direction import DIRECTION
from search_space.parts.momentum import MOMENTUM
from search_space.parts.schedule import SCHEDULE

KINDS: tuple[Kind, ...] = (MOMENTUM, DIRECTION, DECAY, SCHEDULE)


def get_kind(name: str) -> Kind:
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise ValueError(f"no kind named {name!r}; there are: {', '.join(k.name for k in KINDS)}")
