"""Damping: steps that shrink where the gradient is not to be trusted."""

from search_space.part import Kind, Param, Part, either

NONE = Part("none", "no damping")

CURVATURE = Part(
    name="curvature",
    summary="shrinks the step where the gradient turns from step to step",
    formula="U <- U / (1 + s |G - G_before| / |G|)",
    source="leader of the caffeine contest, 2026",
    params=(Param("strength", "CURVATURE_DAMPING", 0.01, 3.0, 0.35, "s", log=True),),
    update="update = update * curvature_damping(grad, state, CURVATURE_DAMPING)",
    requires={"coordinates": ("given", "factors", "balanced", "product")},
    signature=either("curvature damp(?:ing|ed)", "(?:secant|finite difference) curvature"),
)

KIND = Kind("damping", "shrinks doubtful steps", 0.1)
