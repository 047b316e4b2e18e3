"""Averaging: means of the weights over steps, copied into the model at the last step."""

from search_space.part import Kind, Param, Part, either

AVERAGES = "self.averages = []"
COPY = """\
if self.steps == self.max_steps:
    copy_in(self.averages, self.parameters)
"""
FROM = Param("start", "AVERAGE_FROM", 0.0, 0.95, 0.8, "fraction of the run where it begins")
KEPT = Param("decay", "AVERAGE_KEPT", 0.5, 0.999, 0.96, "share kept a step", complement=True)

NONE = Part("none", "the last weights")

EMA = Part("ema", "exponential average over the whole run",
    formula="A <- a A + (1 - a) W;  W <- A at the end",
    source="Polyak and Juditsky 1992, in exponential form",
    params=(KEPT,),
    enter=AVERAGES,
    finish="blend_in(self.averages, self.parameters, 1 - AVERAGE_KEPT)\n" + COPY,
    signature=either("(?:weights?|param(?:eter)?s?|model|polyak) (?:ema|averag(?:e|es|ing))",
                     "ema of (?:the )?(?:model )?(?:weights|param(?:eter)?s)",
                     "exponential(?: moving)? average of (?:the )?(?:weights|param(?:eter)?s)",
                     "exponential average over the whole run"),
)

TAIL_EMA = Part("tail_ema", "exponential average over the end of the run",
    formula="A <- a A + (1 - a) W for x >= x0;  W <- W + s (A - W) at the end",
    source="cm_tail_ema, caffeine contest 2026",
    params=(
        FROM,
        KEPT,
        Param("share", "AVERAGE_SHARE", 0.02, 1.0, 1.0, "s, share of the average at the end",
              later=True),
    ),
    enter=AVERAGES,
    finish="""\
if x >= AVERAGE_FROM:
    blend_in(self.averages, self.parameters, 1 - AVERAGE_KEPT)
if self.steps == self.max_steps:
    copy_in(self.averages, self.parameters, AVERAGE_SHARE)
""",
    signature=either("tail (?:weight )?(?:ema|averag(?:e|ing))", "late ema",
                     "ema (?:tail|finish|starts?|from)", "exponential average over the end"),
)

LAWA = Part("lawa", "plain mean over the end of the run",
    formula="W <- mean of W over the steps with x >= x0, at the end",
    source="latest weight averaging, Kaddour 2022, arXiv:2209.14981",
    params=(FROM,),
    enter=AVERAGES + "\nself.averaged = 0",
    finish="""\
if x >= AVERAGE_FROM:
    self.averaged += 1
    blend_in(self.averages, self.parameters, 1 / self.averaged)
"""
    + COPY,
    signature=either(
        "lawa", "latest weight averag(?:e|ing)"
    ),
)

SWA = Part("swa", "plain mean of the weights of every k-th step over the end of the run",
    formula="W <- mean of W over every k-th step with x >= x0, at the end",
    source="stochastic weight averaging, Izmailov et al. 2018, arXiv:1803.05407",
    params=(
        FROM,
        Param("every", "AVERAGE_EVERY", 2, 100, 10, "k, steps between two", log=True, whole=True),
    ),
    enter=AVERAGES + "\nself.averaged = 0",
    finish="""\
if x >= AVERAGE_FROM and self.steps % AVERAGE_EVERY == 0:
    self.averaged += 1
    blend_in(self.averages, self.parameters, 1 / self.averaged)
"""
    + COPY,
    signature=either("swa", "stochastic weight averag(?:e|ing)"),
)

COHERENT = Part(
    name="coherent",
    summary="late in the run pulls weights to their average, most where gradients keep their sign",
    formula="A <- a A + (1 - a) W;  W <- W + p c (A - W), c the coherence of sign(G);  "
    "both for x >= x0;  W <- (W + A) / 2 at the end",
    source="leader of the caffeine contest, 2026",
    params=(
        FROM,
        KEPT,
        Param("pull", "AVERAGE_PULL", 1e-3, 0.3, 0.03, "p, share a step", log=True),
    ),
    enter=AVERAGES + "\nself.signs = []",
    finish="""\
if x >= AVERAGE_FROM:
    blend_in(self.averages, self.parameters, 1 - AVERAGE_KEPT)
    pull_coherent(self.averages, self.signs, self.parameters, AVERAGE_PULL)
if self.steps == self.max_steps:
    copy_in(self.averages, self.parameters, 0.5)
""",
    signature=either("coheren(?:ce|t) (?:weighted )?(?:late )?averag(?:e|es|ing)", "pull_coherent"),
)

KIND = Kind("averaging", "averages the weights")
