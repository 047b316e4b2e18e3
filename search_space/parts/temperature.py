"""Temperature: the common scale of attention's logits, a direction of far smaller curvature."""

from search_space.part import Kind, Param, Part, either

NONE = Part("none", "the scale of the logits is stepped with everything else")

OWN_STEP = Part(
    name="own_step",
    summary="the scale exp(tau) of M and u has a step and a momentum of its own",
    formula="g = <G, W> over W = (M, u);  b <- m b + g;  W <- exp(-r (g + m b)) W;  "
    "G <- G - W g / <W, W>",
    source="this project: saturated attention hardly feels its temperature",
    params=(
        Param("rate", "TEMPERATURE_STEP", 1e-4, 0.1, 0.01, "step of tau, per unit of dL/dtau",
              log=True),
        Param("momentum", "TEMPERATURE_MOMENTUM", 0.1, 0.95, 0.5, "share of tau's momentum kept"),
    ),
    prepare="""\
for block in blocks:
    if block.role == "q":
        step_temperature(block, self.state, TEMPERATURE_STEP, TEMPERATURE_MOMENTUM)
""",
    requires={"coordinates": ("product",)},
    structure="attention",
    signature=either(
        "step_temperature",
        "(?:logit|attention) (?:scale|temperature) step",
        "temperature (?:step|direction)",
    ),
)  # fmt: skip

KIND = Kind("temperature", "gives the scale of the logits its own step", 0.7)
