"""Treatment: changes gradients before they are averaged."""

from search_space.part import Kind, Param, Part, either

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

CENTRALISE = Part("centralise", "subtracts the mean of each row",
    formula="G <- G - mean of each row of G",
    source="gradient centralization, Yong et al. 2020, arXiv:2004.01461",
    update="grad = grad - grad.mean(dim=-1, keepdim=True) if grad.ndim == 2 else grad",
    signature=either(
        "grad(?:ient)? centrali[sz]ation", "centrali[sz]e(?:d|s)? (?:the )?grad(?:ients?)?"
    ),
)

KIND = Kind("treatment", "changes gradients before they are averaged")
