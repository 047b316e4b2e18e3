"""Temperature: the common scale of attention's logits, along which the curvature is small."""

from search_space.part import Kind, Param, Part, either

NONE = Part("none", "no separate step for the scale of the logits")

OWN_STEP = Part("own_step", "a separate step and momentum for the scale exp(tau) of M and u",
    formula="g = <G, W> over W = (M, u);  b <- m b + g;  W <- exp(-r (g + m b)) W;  "
    "G <- G - W g / <W, W>",
    source="this project",
    params=(
        Param("rate", "TEMPERATURE_STEP", 1e-4, 0.1, 0.01, "step of tau, per unit of dL/dtau",
              log=True),
        Param("momentum", "TEMPERATURE_MOMENTUM", 0.1, 0.98, 0.5, "share of tau's momentum kept",
              complement=True),
    ),
    prepare="""\
for block in blocks:
    if block.role == "q":
        step_temperature(block, self.state, TEMPERATURE_STEP, TEMPERATURE_MOMENTUM)
""",
    requires={"coordinates": ("product",)},
    structure="attention",
    signature=either("step_temperature", "(?:logit|attention) (?:scale|temperature) step",
                     "temperature (?:step|direction)"),
)

BY_CURVATURE = Part("by_curvature", "Newton steps for the scale exp(tau) of M and u",
    formula="g = <G, W> over W = (M, u), s = |W|;  tau = -r g d max(s, 8) / |P|^2, within 1/2;  "
    "W <- exp(tau) W;  G <- G - W g / s^2",
    source="this project",
    params=(
        Param("rate", "TEMPERATURE_GAIN", 0.03, 5.0, 0.8, "r, share of the Newton step", log=True),
    ),
    prepare="""\
for block in blocks:
    if block.role == "q":
        step_scale(block, TEMPERATURE_GAIN)
""",
    requires={"coordinates": ("product",)},
    structure="attention",
    signature=either("step_scale", "newton steps? (?:for|of) (?:the )?(?:temperature|logit scale)"),
)

KIND = Kind("temperature", "updates the scale of the logits separately")
