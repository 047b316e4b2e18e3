"""Schedule: the step size as a function of the fraction of the run that is done, from 0 to 1."""

from search_space.part import Kind, Param, Part

PEAK = Param(
    "lr", "LEARNING_RATE", 1e-4, 1.0, 0.01, "peak step size, in units of the parameters", log=True
)
FLOOR = Param("floor", "FLOOR", 1e-3, 0.5, 0.01, "last step size, as a share of the peak", log=True)

CONSTANT = Part(
    name="constant",
    summary="the same step size throughout",
    formula="eta(x) = eta",
    source="",
    helpers="""\
def step_size(progress: float) -> float:
    \"\"\"The same throughout the run.\"\"\"
    return LEARNING_RATE
""",
)

COSINE = Part(
    name="cosine",
    summary="half a cosine from the peak to a floor",
    formula="eta(x) = eta (f + (1 - f) (1 + cos(pi x)) / 2)",
    source="Loshchilov and Hutter 2017, arXiv:1608.03983",
    params=(FLOOR,),
    imports=("math",),
    helpers="""\
def step_size(progress: float) -> float:
    \"\"\"Half a cosine from the peak to the floor.\"\"\"
    return LEARNING_RATE * (FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * progress)) / 2)
""",
)

WSD = Part(
    name="wsd",
    summary="linear warmup, a plateau, linear decay to a floor",
    formula="eta(x) = eta min(1, max(x / w, 1/10), f + (1 - f) (1 - x) / d)",
    source="warmup-stable-decay, Hu et al. 2024, arXiv:2404.06395",
    params=(
        Param("warmup", "WARMUP", 0.005, 0.2, 0.02, "share of the run spent rising", log=True),
        Param("decay", "DECAY", 0.1, 0.9, 0.4, "share of the run spent falling"),
        FLOOR,
    ),
    helpers="""\
def step_size(progress: float) -> float:
    \"\"\"Rise to the peak over WARMUP, stay, and fall to the floor over the last DECAY.\"\"\"
    rise = max(progress, WARMUP / 10) / WARMUP
    fall = FLOOR + (1 - FLOOR) * (1 - progress) / DECAY
    return LEARNING_RATE * min(1.0, rise, fall)
""",
)

SCHEDULE = Kind(
    "schedule", "sets the step size over the run", "constant", (CONSTANT, COSINE, WSD), (PEAK,)
)
