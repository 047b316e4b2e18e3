"""Mask: entries of the update that are left out."""

from search_space.part import Kind, Part, either

NONE = Part("none", "the whole update")

CAUTIOUS = Part(
    name="cautious",
    summary="leaves out entries that the newest gradient contradicts",
    formula="U <- U [U G > 0] / max(mean of [U G > 0], 0.1)",
    source="cautious optimizers, Liang et al. 2024, arXiv:2411.16085",
    update="update = agreeing(update, grad)",
    signature=either(
        "cautious (?:adamw?|lion|muon|optimi[sz]ers?|updates?|steps?|mask(?:ing)?)",
        r"(?:update|exp_avg) \* (?:p\.)?grad > 0",
    ),
)

KIND = Kind("mask", "leaves entries out", 0.15)
