"""The prior of a random spec in one table, as Markdown: `docs/prior.md`."""

from collections.abc import Iterator

from search_space.part import Kind, Param
from search_space.parts.schedule import PEAK
from search_space.registry import KINDS, get_kind
from search_space.walk import OPTIONAL, SECOND_PHASE, START

WIDTH_OF_A_RANGE = 30
"""A range reaches from value / sqrt(30) to value * sqrt(30) for every value in a recipe."""
NARROW = {
    "ROUNDS": "one round is far from a matrix sign, and after twelve nothing changes",
    "BALANCINGS": "a count that may be zero, and each costs a matrix sign",
    "SPECTRAL_POWER": "an exponent: 1 is the gradient, 0 its sign, below 0 small values grow",
    "FIRST_POWER": "an exponent as above",
    "LAST_POWER": "an exponent as above",
    "COOLDOWN_END": "a schedule that ends before the run, below 1, has no last steps",
    "AHEAD": "D has the steps ahead in it: above 1 it grows by itself",
    "PRECONDITION_EVERY": "a count of steps is at least 1",
}
"""Numbers whose range is narrower, by their constant, and why."""
HEAD = f"""\
# The prior

What a random spec is drawn from, and what every proposer of the search starts with: one table for
all tracks, which knows no track, no number of steps and no token. It is made from the parts by
`autoresearch space prior`; a part that has no effect on a kind of model is not offered there.

A kind has another than its neutral part with the probability below, which is one for the three
kinds that most optimizers consist of and one for all others, and then each part that the choices
before it allow with the same one. A number is uniform, or uniform in its logarithm, or in
the logarithm of 1 - value.

No range is narrower than a factor of {WIDTH_OF_A_RANGE} around the value of any recipe: the square
root of it below and above, for a decay rate around 1 - value, as far as the number's meaning allows
(a share or a fraction of the run stays below 1). The exceptions stand at the end.
"""


def prior() -> str:
    """The whole page."""
    lines = [HEAD, "| choice | probability | parts |", "| --- | --- | --- |"]
    lines += [
        f"| a second phase | {SECOND_PHASE:g} | |",
        f"| an optional number | {OPTIONAL:g} | |",
    ]
    lines += [_chance(kind) for kind in KINDS]
    lines += ["", "| number | distribution | low | high |", "| --- | --- | --- | --- |"]
    lines += [_row("start of the second phase", START, START.low, START.high)]
    lines += [_row(*one) for kind in KINDS for one in ranges(kind)]
    reasons = (f"| {constant} | {reason} |" for constant, reason in NARROW.items())
    return "\n".join([*lines, "", "| narrower | because |", "| --- | --- |", *reasons, ""])


def ranges(kind: Kind) -> Iterator[tuple[str, Param, float, float]]:
    """Name, number, and the ends of the range it is drawn from, for each number of a kind."""
    for param in kind.shared:
        if param is PEAK:
            for part in get_kind("direction").parts:
                yield f"{kind.name}.{param.name} of {part.name}", param, *part.step_sizes
        else:
            yield f"{kind.name}.{param.name}", param, param.low, param.high
    for part in kind.parts:
        for param in part.params:
            yield f"{kind.name}.{part.name}.{param.name}", param, param.low, param.high


def _chance(kind: Kind) -> str:
    others = ", ".join(part.name for part in kind.parts[1:])
    return f"| {kind.name} | {kind.chance:g} | {others} |"


def _row(name: str, param: Param, low: float, high: float) -> str:
    scale = "log-uniform" if param.log else "log-uniform in 1 - value" if param.complement else ""
    optional = ", or 0" if param.optional else ""
    return f"| {name} | {scale or 'uniform'}{optional} | {low:g} | {high:g} |"
