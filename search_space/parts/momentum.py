"""Momentum: averages gradients over steps, the input of the direction."""

from search_space.part import Kind, Param, Part, either


def kept(default: float, meaning: str = "share of the average kept a step") -> Param:
    return Param("beta", "MOMENTUM", 0.1, 0.999, default, meaning, complement=True)


NONE = Part("none", "no momentum", "U = G", "Robbins and Monro 1951", update="update = grad")

EMA = Part("ema", "bias-corrected exponential average of gradients",
    formula="M <- b M + (1 - b) G;  U = M / (1 - b^t)",
    source="Kingma and Ba 2015, arXiv:1412.6980",
    params=(kept(0.9),),
    update="""\
momentum = buffer(state, "momentum", grad).lerp_(grad, 1 - MOMENTUM)
update = momentum / (1 - MOMENTUM**t)
""",
)

LOOKAHEAD = Part("lookahead", "average with its own weight for the new gradient",
    formula="U = a M + (1 - a) G;  M <- b M + (1 - b) G",
    source="Chen et al. 2023, arXiv:2302.06675",
    params=(
        Param("blend", "BLEND", 0.1, 0.998, 0.9,
              "a, share of the average in the update; b^2: Nesterov, b: ema", complement=True),
        kept(0.95),
    ),
    update="""\
momentum = buffer(state, "momentum", grad)
update = grad.lerp(momentum, BLEND)
momentum.lerp_(grad, 1 - MOMENTUM)
""",
    signature=either("lion", "lookahead momentum", "momentum lookahead"),
)

HEAVY_BALL = Part("heavy_ball", "decaying sum of gradients",
    formula="M <- b M + G;  U = M",
    source="Polyak 1964",
    params=(kept(0.9, "share of the sum kept a step"),),
    update='update = buffer(state, "momentum", grad).mul_(MOMENTUM).add_(grad).clone()',
    signature=either("heavy ball", "polyak(?:'s)? momentum"),
)

NESTEROV = Part("nesterov", "decaying sum of gradients, one step ahead",
    formula="M <- b M + G;  U = G + b M",
    source="Nesterov 1983; Sutskever et al. 2013",
    params=(kept(0.95, "share of the sum kept a step"),),
    update="""\
momentum = buffer(state, "momentum", grad).mul_(MOMENTUM).add_(grad)
update = grad + MOMENTUM * momentum
""",
    signature=either("nesterov"),
)

WARMED = Part("warmed", "Nesterov momentum that rises at the start of the run",
    formula="b = b0 + (b1 - b0) min(1, x / w);  M <- b M + G;  U = G + b M",
    source="modded-nanogpt, Jordan et al. 2024",
    params=(
        kept(0.95, "share of the sum kept a step, after the rise"),
        Param("first", "FIRST_MOMENTUM", 0.1, 0.999, 0.85, "share kept at the start",
              complement=True),
        Param("rise", "MOMENTUM_RISE", 0.01, 0.9, 0.3, "fraction of the run it rises", log=True),
    ),
    prepare="beta = FIRST_MOMENTUM + (MOMENTUM - FIRST_MOMENTUM) * ramp(x, 0.0, MOMENTUM_RISE)",
    update="""\
momentum = buffer(state, "momentum", grad).mul_(beta).add_(grad)
update = grad + beta * momentum
""",
    signature=either("momentum warm up", "warm(?:ed|ing) (?:up )?momentum"),
)

WARMED_COOLED = Part(
    name="warmed_cooled",
    summary="average one step ahead, whose memory rises at the start and falls at the end",
    formula="b = b0 + (b1 - b0) min(1, x / w);  b <- b + (b2 - b1) max(0, 1 - (1 - x) / c);  "
    "M <- b M + (1 - b) G;  U = b M + (1 - b) G",
    source="modded-nanogpt contest 2026: 0.85 to 0.95 and back",
    params=(
        kept(0.95, "share of the average kept a step, between rise and fall"),
        Param("first", "FIRST_MOMENTUM", 0.1, 0.999, 0.85, "share kept at the start",
              complement=True),
        Param("last", "LAST_MOMENTUM", 0.1, 0.999, 0.85, "share kept at the end", complement=True),
        Param("rise", "MOMENTUM_RISE", 0.01, 0.9, 0.1, "fraction of the run it rises", log=True),
        Param("fall", "MOMENTUM_FALL", 0.01, 0.9, 0.07, "fraction of the run it falls", log=True),
    ),
    prepare="""\
beta = FIRST_MOMENTUM + (MOMENTUM - FIRST_MOMENTUM) * ramp(x, 0.0, MOMENTUM_RISE)
beta += (LAST_MOMENTUM - MOMENTUM) * ramp(x, 1 - MOMENTUM_FALL, 1.0)
""",
    update="""\
momentum = buffer(state, "momentum", grad).lerp_(grad, 1 - beta)
update = grad.lerp(momentum, beta)
""",
    signature=either("momentum cool down", "cool(?:ed|ing) (?:down )?momentum", "last_momentum"),
)

TWO_SPEEDS = Part("two_speeds", "a fast average, and a slow one that gains weight and memory",
    formula="M1 <- b1 M1 + (1 - b1) G;  M2 <- b M2 + (1 - b) G, 1 / ln b from 1 / ln b1 to "
    "1 / ln b3;  U = M1 / (1 - b1^t) + a min(1, x / w) M2",
    source="AdEMAMix, Pagliardini et al. 2024, arXiv:2409.03137",
    params=(
        kept(0.9, "b1, share of the fast average kept a step"),
        Param("slow", "SLOW_MOMENTUM", 0.9, 0.9999, 0.999, "b3, share of the slow average kept",
              complement=True),
        Param("share", "SLOW_SHARE", 0.1, 30.0, 5.0, "a, weight of the slow average", log=True),
        Param("rise", "SLOW_RISE", 0.01, 1.0, 1.0, "w, fraction of the run both rise", log=True),
    ),
    prepare="""\
rise = ramp(x, 0.0, SLOW_RISE)
remembered = between_half_lives(MOMENTUM, SLOW_MOMENTUM, rise)
""",
    update="""\
momentum = buffer(state, "momentum", grad).lerp_(grad, 1 - MOMENTUM)
lasting = buffer(state, "lasting", grad).lerp_(grad, 1 - remembered)
update = momentum / (1 - MOMENTUM**t) + SLOW_SHARE * rise * lasting
""",
    signature=either("ade?ma mix", "between_half_lives"),
)

KIND = Kind("momentum", "averages gradients over steps", True)
