"""Damping: smaller steps where the gradient is unreliable."""

from search_space.part import Kind, Param, Part, either

SIZE_IS_SET = (
    "no effect beside magnitude gradient_norm, nor on matrices beside hyperball or beside "
    "trust_ratio below its m: these set the size of an update"
)

NONE = Part("none", "no damping")

CURVATURE = Part("curvature", "shrinks the step where the gradient changes between steps",
    formula="U <- U / (1 + s |G - G_before| / |G|)",
    source="leader of the caffeine contest, 2026",
    params=(Param("strength", "CURVATURE_DAMPING", 0.01, 3.0, 0.35, "s", log=True),),
    update="update = update * curvature_damping(grad, state, CURVATURE_DAMPING)",
    requires={"coordinates": ("given", "factors", "balanced", "product")},
    note=SIZE_IS_SET,
    signature=either("curvature damp(?:ing|ed)", "(?:secant|finite difference) curvature"),
)

LINE_SEARCH = Part(
    "line_search",
    "the step size that leaves the next gradient orthogonal to the step",
    formula="r = <G, U_before> / <G_before, U_before>, within 1;  "
    "a <- a exp(k (r + 1/40)) from the third step on;  U <- a U",
    source="this project; a line search by the gradient of the next batch, near to hypergradient "
    "descent, Baydin et al. 2018, arXiv:1703.04782",
    params=(Param("rate", "SEARCH_RATE", 0.01, 20.0, 0.5, "k, gain of the search", log=True),),
    update="update = update * line_search(update, grad, state, SEARCH_RATE, t)",
    requires={"coordinates": ("given", "factors", "balanced", "product")},
    note=SIZE_IS_SET,
    signature=either("hypergradients?", "(?:stochastic )?line search"),
)

KIND = Kind("damping", "shrinks unreliable steps")
