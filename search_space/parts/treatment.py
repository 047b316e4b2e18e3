"""Treatment: changes gradients before they are averaged."""

from search_space.part import Kind, Param, Part, either
from search_space.parts.coordinates import DENSE

NONE = Part("none", "the gradient unchanged")

CLIP_GLOBAL = Part("clip_global", "clips the norm of all gradients together",
    formula="G <- G min(1, c / |all G|)",
    source="Pascanu et al. 2013, arXiv:1211.5063",
    params=(
        Param("limit", "CLIP_NORM", 1e-3, 1e3, 1.0, "largest norm of all gradients", log=True),
    ),
    prepare="shrink = (CLIP_NORM / total_norm(gradients).clamp(min=1e-30)).clamp(max=1.0)",
    update="grad = grad * shrink",
    signature=either("grad(?:ient)? clip(?:ped|ping)?", "clip grad(?:ients?)?(?: norm)?",
                     "clip(?:ped|ping)? (?:by )?(?:the )?global (?:grad(?:ient)? )?norm",
                     "clip_norm / total_norm"),
)

CLIP_BLOCK = Part("clip_block", "clips the norm of each block's gradient",
    formula="G <- G min(1, c / |G|)",
    source="Pascanu et al. 2013, arXiv:1211.5063, by block",
    params=(
        Param("limit", "CLIP_NORM", 1e-3, 1e3, 1.0, "largest norm of a block's gradient", log=True),
    ),
    update="grad = clip(grad, CLIP_NORM)",
    signature=either(
        "(?:per|by) (?:block|layer|tensor|parameter|group) (?:gradient )?clip(?:ping|ped)?",
        "(?:block|layer) wise (?:gradient )?clip(?:ping|ped)?",
        r"clip\(grad, clip_norm",
    ),
)

CLIP_ADAPTIVE = Part("clip_adaptive", "clips a block's gradient to a share of the block's norm",
    formula="G <- G min(1, c max(|W|, 0.001) / |G|)",
    source="adaptive gradient clipping, Brock et al. 2021, arXiv:2102.06171, by block",
    params=(
        Param("share", "CLIP_SHARE", 1e-4, 1.0, 0.01, "largest |G| as a share of |W|", log=True),
    ),
    update="grad = clip(grad, CLIP_SHARE * value.norm().clamp(min=1e-3))",
    signature=either(
        "adaptive (?:grad(?:ient)? )?clip(?:ping)?", "(?-i:AGC)", r"clip\(grad, clip_share"
    ),
)

CLIP_HISTORY = Part(
    name="clip_history",
    summary="keeps the norm of each block's gradient near its own average",
    formula="|G| is moved into [N / w, w N], w from w0 to w1 along the run;  "
    "N <- b N + (1 - b) |G|",
    source="AGGC (adaptive clipping by group), 2026, arXiv:2601.11864, with blocks as groups",
    params=(
        Param("kept", "NORM_KEPT", 0.5, 0.999, 0.95, "b, share of N kept a step", complement=True),
        Param("first", "FIRST_WIDTH", 1.05, 100.0, 4.0, "w0, largest factor at first", log=True),
        Param("last", "LAST_WIDTH", 1.05, 100.0, 1.5, "w1, largest factor at the end", log=True),
    ),
    prepare="width = FIRST_WIDTH + (LAST_WIDTH - FIRST_WIDTH) * x",
    update="grad = clip_to_history(grad, state, NORM_KEPT, width)",
    requires={"coordinates": DENSE},
    signature=either("(?-i:AGGC)", "adaptive group (?:wise )?(?:gradient )?clipping",
                     "clip_to_history"),
)

CLIP_SPIKES = Part("clip_spikes", "clips a block's gradient where it is far above its usual norm",
    formula="G <- G min(1, (1 + w) N / |G|) from the fourth on;  "
    "N <- N^b |G|^(1 - b), |G| unclipped",
    source="this project; clipping by a geometric average, which follows growth",
    params=(
        Param("excess", "SPIKE_EXCESS", 0.02, 50.0, 0.5, "w, largest |G| over N, less one",
              log=True),
        Param("kept", "USUAL_KEPT", 0.1, 0.998, 0.8, "b, share of N kept a step", complement=True),
    ),
    update="grad = clip_spikes(grad, state, USUAL_KEPT, SPIKE_EXCESS, t)",
    requires={"coordinates": DENSE},
    signature=either("spike clip(?:ping|ped)?", "clip_spikes"),
)

VARIANCE_REDUCED = Part("variance_reduced", "adds the change since the last step",
    formula="G <- G + g b / (1 - b) (G - G_before);  G <- G min(1, c / |G|)  #if MARS_CLIP",
    source="MARS, Yuan et al. 2024, arXiv:2411.10438, its approximate form, whose c is 1",
    params=(
        Param("gamma", "MARS_SHARE", 1e-3, 1.0, 0.025, "g, strength", log=True),
        Param("beta", "MARS_KEPT", 0.1, 0.998, 0.95, "b, as in the momentum", complement=True),
        Param("limit", "MARS_CLIP", 1e-3, 1e3, 0.0, "c, largest norm of a block; 0: none",
              log=True, optional=True),
    ),
    update="""\
grad = variance_reduced(grad, state, MARS_SHARE * MARS_KEPT / (1 - MARS_KEPT))
grad = clip(grad, MARS_CLIP)  #if MARS_CLIP
""",
    requires={"coordinates": DENSE},
    signature=either("(?-i:MARS)", "variance reduc(?:tion|ed)"),
)

PAST_SQUARES = Part(
    name="past_squares",
    summary="divides by the root of the squares averaged before this step, ahead of momentum",
    formula="G <- G / max(sqrt(V), e), entries at most (t - 1)^(1/4), V before G;  "
    "V <- b V + (1 - b) G^2, V_1 = G_1^2",
    source="ADOPT, Taniguchi et al. 2024, arXiv:2411.02853",
    params=(
        Param("beta2", "PAST_KEPT", 0.5, 0.9999, 0.99, "b, share of V kept a step",
              complement=True),
        Param("eps", "PAST_FLOOR", 1e-12, 1e-4, 1e-6, "e, in units of the gradient", log=True),
    ),
    update="grad = over_past_squares(grad, state, PAST_KEPT, PAST_FLOOR, t)",
    requires={"coordinates": DENSE},
    signature=either("(?-i:ADOPT)", "over_past_squares"),
)

CENTRALISE = Part("centralise", "subtracts the mean of each row",
    formula="G <- G - mean of each row of G",
    source="gradient centralization, Yong et al. 2020, arXiv:2004.01461",
    update="grad = grad - grad.mean(dim=-1, keepdim=True) if grad.ndim == 2 else grad",
    signature=either(
        "grad(?:ient)? centrali[sz]ation", "centrali[sz]e(?:d|s)? (?:the )?grad(?:ients?)?"
    ),
)

KIND = Kind("treatment", "changes gradients before they are averaged")
