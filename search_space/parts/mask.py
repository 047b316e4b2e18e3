"""Mask: sets entries of the update to zero."""

from search_space.part import Kind, Part, either

NONE = Part("none", "the whole update")

CAUTIOUS = Part("cautious", "zero where update and newest gradient have opposite signs",
    formula="U <- U [U G > 0] / max(mean of [U G > 0], 0.1)",
    source="cautious optimizers, Liang et al. 2024, arXiv:2411.16085, whose floor is lower",
    update="update = agreeing(update, grad)",
    signature=either(
        "cautious (?:adamw?|lion|muon|optimi[sz]ers?|updates?|steps?|mask(?:ing)?)",
        r"(?:update|exp_avg) \* (?:p\.)?grad > 0",
    ),
)

KIND = Kind("mask", "sets entries of the update to zero")
