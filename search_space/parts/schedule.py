"""Schedule: the step size as a function of x, the fraction of the run, from 0 to 1."""

from search_space.part import Kind, Param, Part, either

PEAK = Param("lr", "LEARNING_RATE", 1e-5, 100.0, 0.01, "peak, in units of the update", log=True)
WARMUP = Param(
    "warmup", "WARMUP", 0.0025, 0.5, 0.0, "w, fraction of the run; 0: none", log=True, optional=True
)
FLOOR = Param("floor", "FLOOR", 1e-5, 0.5, 0.0, "f, smallest share of the peak; 0: none", log=True,
              optional=True)


def step_size(shape: str) -> str:
    return f"""\
lr = LEARNING_RATE{shape}
lr = max(lr, LEARNING_RATE * FLOOR)  #if FLOOR
{RISE}"""


RISE = "lr *= min(1.0, (x - START) / WARMUP)  #if WARMUP\n"
RISING = ";  eta(x) <- eta(x) min(1, (x - x1) / w), x1 the start of the phase  #if WARMUP"
FLOORED = ";  eta(x) <- max(eta(x), f eta)  #if FLOOR" + RISING


CONSTANT = Part("constant", "constant step size",
    formula="eta(x) = eta" + RISING,
    prepare="lr = LEARNING_RATE\n" + RISE,
)

COSINE = Part("cosine", "half a cosine to zero",
    formula="eta(x) = eta (1 + cos(pi x)) / 2" + FLOORED,
    source="SGDR, arXiv:1608.03983",
    prepare=step_size(" * (1 + math.cos(math.pi * min(x, 1.0))) / 2"),
    signature=either(
        "cosine (?:lr|learning rate|schedule|decay|annealed|annealing(?: lr)?)",
        r"1(?:\.0)? \+ (?:math|np|torch)\.cos",
    ),
)

LINEAR = Part("linear", "a straight line from the peak to zero",
    formula="eta(x) = eta (1 - x)" + FLOORED,
    source="Defazio et al. 2023, arXiv:2310.07831",
    prepare=step_size(" * max(0.0, 1 - x)"),
    signature=either(
        "linear (?:lr |learning rate )?(?:decay|anneal(?:ed|ing))", r"max\(0\.0, 1 - x\)"
    ),
)

WSD = Part("wsd", "a plateau, then a straight line to zero",
    formula="eta(x) = eta min(1, (1 - x) / d)" + FLOORED,
    source="warmup-stable-decay, Hu et al. 2024, arXiv:2404.06395",
    params=(Param("decay", "DECAY_LENGTH", 0.02, 0.95, 0.4, "d, fraction of the run it falls"),),
    prepare=step_size(" * max(0.0, min(1.0, (1 - x) / DECAY_LENGTH))"),
    signature=either("wsd", "warm up stable decay", "trapezoid(?:al)?", "decay_length",
                     "(?:warm|cool) down (?:frac(?:tion)?|iters?|iterations|steps)"),
)

LOGNORMAL = Part("lognormal", "fast rise to a peak, then a long tail",
    formula="eta(x) = eta exp(-ln(x / p)^2 / (2 s^2))" + FLOORED,
    source="adaptive_cm and cm_tail_ema, caffeine contest 2026",
    params=(
        Param("peak", "PEAK_AT", 0.005, 0.6, 0.1, "p, fraction of the run at the peak", log=True),
        Param("sigma", "PEAK_WIDTH", 0.1, 4.0, 0.63, "s, width in natural logarithms",
              log=True),
    ),
    prepare=step_size(" * math.exp(-(math.log(x / PEAK_AT) ** 2) / (2 * PEAK_WIDTH**2))"),
    signature=either("log-?normal", "lognorm"),
)

ONE_MINUS_SQRT = Part("one_minus_sqrt", "a plateau, then one minus a square root",
    formula="eta(x) = eta (1 - sqrt(max(0, x - x0) / (1 - x0)))" + FLOORED,
    source="1-sqrt cooldown, Hagele et al. 2024, arXiv:2405.18392",
    params=(Param("start", "COOLDOWN_FROM", 0.02, 0.95, 0.6, "x0, fraction of the run"),),
    prepare=step_size(" * (1 - ramp(x, COOLDOWN_FROM, 1.0) ** 0.5)"),
    signature=either(r"1 ?- ?(?:math\.)?sqrt", "one minus (?:a )?(?:sqrt|square root)"),
)

POWER_COOLDOWN = Part("power_cooldown", "a plateau, then a power of the time that is left",
    formula="eta(x) = eta min(1, (e - x) / (e - x0))^p" + FLOORED,
    source="PowerCool, modded-nanogpt contest 2026: min(eta, c (T - t)^1.2)",
    params=(
        Param("start", "COOLDOWN_FROM", 0.02, 0.95, 0.5, "x0, fraction of the run"),
        Param("power", "COOLDOWN_POWER", 0.2, 8.0, 1.2, "p", log=True),
        Param("end", "COOLDOWN_END", 1.0, 6.0, 1.0, "e, where it reaches zero, in runs",
              log=True),
    ),
    prepare=step_size(" * (1 - ramp(x, COOLDOWN_FROM, COOLDOWN_END)) ** COOLDOWN_POWER"),
    signature=either("power cool(?: down)?", "cooldown_power"),
)

POWER_LAW = Part("power_law", "power law of the time",
    formula="eta(x) = eta (1 + x / s)^-p" + FLOORED,
    source="Robbins and Monro 1951; power-law cooldowns of the modded-nanogpt contest",
    params=(
        Param("scale", "FALL_SCALE", 0.005, 1.0, 0.1, "s, fraction of the run", log=True),
        Param("power", "FALL_POWER", 0.2, 8.0, 1.0, "p", log=True),
    ),
    prepare=step_size(" * (1 + x / FALL_SCALE) ** -FALL_POWER"),
    signature=either(
        "power law (?:decay|cool down|schedule|lr)", "fall_power"
    ),
)

KIND = Kind("schedule", "sets the step size over the run", True, (PEAK, WARMUP, FLOOR))
