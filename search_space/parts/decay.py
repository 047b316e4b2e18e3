"""Weight decay: pulls the parameters towards zero."""

from search_space.part import Kind, Param, Part, either
from search_space.parts.coordinates import DENSE

RATE = Param(
    "rate", "WEIGHT_DECAY", 1e-4, 1.0, 0.01, "share taken off per unit of step size", log=True
)

NONE = Part("none", "no weight decay")

DECOUPLED = Part("decoupled", "shrinks every parameter by the step size times a rate",
    formula="W <- (1 - eta d) W, before the step",
    source="Loshchilov and Hutter 2019, arXiv:1711.05101",
    params=(RATE,),
    update="value.mul_(1 - lr * WEIGHT_DECAY)",
    signature=either("weight decay", "(?<!_)adamw(?!_)"),
)

CAUTIOUS = Part("cautious", "shrinks only the entries that the update shrinks",
    formula="W <- W - eta d W [U W > 0], before the step",
    source="cautious weight decay, Chen et al. 2025, arXiv:2510.12402",
    params=(RATE,),
    update="value.sub_(lr * WEIGHT_DECAY * value * (update * value > 0))",
    signature=either("cautious (?:weight )?decay", "(?-i:CWD)",
                     r"value \* \(update \* value > 0\)?"),
)

ANCHORED = Part("anchored", "pulls every parameter to its value when its state began",
    formula="W <- W - eta d (W - W_0), before the step",
    source="L2-SP, Li et al. 2018, arXiv:1802.01483; SODA, modded-nanogpt contest 2026",
    params=(RATE,),
    update="""\
if "first_value" not in state:
    state["first_value"] = value.clone()
value.sub_(lr * WEIGHT_DECAY * (value - state["first_value"]))
""",
    requires={"coordinates": DENSE},
    note="a later phase keeps W_0, unless it drops the state: for other blocks, for another part "
    "that keeps one, or for another decay of an average that is divided by 1 - b^t",
    signature=either("l2 sp", "(?:anchor(?:ed|s)?|decay) (?:to|towards?) (?:the )?(?:start|init)",
                     "first_value"),
)

KIND = Kind("decay", "pulls parameters to zero")
