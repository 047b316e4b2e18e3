"""Weight decay: pulls the parameters towards zero."""

from search_space.part import Kind, Param, Part

NONE = Part(
    name="none",
    summary="no weight decay",
    formula="W <- W",
    source="",
)

DECOUPLED = Part(
    name="decoupled",
    summary="shrinks every parameter by the step size times a rate",
    formula="W <- (1 - eta d) W, before the step",
    source="Loshchilov and Hutter 2019, arXiv:1711.05101",
    params=(
        Param(
            "rate",
            "WEIGHT_DECAY",
            1e-4,
            1.0,
            0.01,
            "share of a parameter taken off, per unit of step size",
            log=True,
        ),
    ),
    update="p.mul_(1 - lr * WEIGHT_DECAY)",
)

DECAY = Kind("decay", "pulls parameters to zero", "none", (NONE, DECOUPLED))
