"""Damping: smaller steps where the gradient is unreliable."""

from search_space.part import Kind, Param, Part, either

NONE = Part("none", "no damping")

CURVATURE = Part("curvature", "shrinks the step where the gradient changes between steps",
    formula="U <- U / (1 + s |G - G_before| / |G|)",
    source="leader of the caffeine contest, 2026",
    params=(Param("strength", "CURVATURE_DAMPING", 0.01, 3.0, 0.35, "s", log=True),),
    update="update = update * curvature_damping(grad, state, CURVATURE_DAMPING)",
    requires={"coordinates": ("given", "factors", "balanced", "product")},
    signature=either("curvature damp(?:ing|ed)", "(?:secant|finite difference) curvature"),
)

KIND = Kind("damping", "shrinks unreliable steps")
