"""Leave-one-out variants of a spec: each part in use replaced by the neutral part of its kind."""

from search_space.registry import KINDS
from search_space.spec import Spec, make_spec


def leave_one_out(spec: Spec) -> dict[str, Spec]:
    """`{kind: variant}` for every kind that is not neutral already; shared parameters stay."""
    variants = {}
    for kind in KINDS:
        if spec[kind.name].part == kind.neutral:
            continue
        choices = spec.to_json()
        shared = {param.name: choices[kind.name][param.name] for param in kind.shared}
        choices[kind.name] = {"part": kind.neutral, **shared}
        variants[kind.name] = make_spec(choices)
    return variants
