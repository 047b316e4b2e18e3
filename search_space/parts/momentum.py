"""Momentum: the direction's input, from the gradients of many steps."""

from search_space.part import Kind, Param, Part

NONE = Part(
    name="none",
    summary="no momentum",
    formula="U = G",
    source="Robbins and Monro 1951",
    update="update = grad",
)

EMA = Part(
    name="ema",
    summary="exponential average of gradients, without its start-up bias",
    formula="M <- b M + (1 - b) G;  U = M / (1 - b^t)",
    source="Kingma and Ba 2015, arXiv:1412.6980",
    params=(
        Param(
            "beta", "MOMENTUM", 0.5, 0.995, 0.9, "share of the average kept a step", complement=True
        ),
    ),
    update="""\
if "momentum" not in state:
    state["momentum"] = torch.zeros_like(p)
momentum = state["momentum"]
momentum.lerp_(grad, 1 - MOMENTUM)
update = momentum / (1 - MOMENTUM**t)
""",
)

LOOKAHEAD = Part(
    name="lookahead",
    summary="exponential average that weighs the newest gradient by its own rate",
    formula="U = a M + (1 - a) G;  M <- b M + (1 - b) G",
    source="Lion, Chen et al. 2023, arXiv:2302.06675; Nesterov momentum where a = b",
    params=(
        Param(
            "blend", "BLEND", 0.5, 0.995, 0.9, "share of the average in the update", complement=True
        ),
        Param(
            "beta",
            "MOMENTUM",
            0.5,
            0.998,
            0.95,
            "share of the average kept a step",
            complement=True,
        ),
    ),
    update="""\
if "momentum" not in state:
    state["momentum"] = torch.zeros_like(p)
momentum = state["momentum"]
update = grad.lerp(momentum, BLEND)
momentum.lerp_(grad, 1 - MOMENTUM)
""",
)

MOMENTUM = Kind("momentum", "averages gradients over steps", "none", (NONE, EMA, LOOKAHEAD))
