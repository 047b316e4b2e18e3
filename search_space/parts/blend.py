"""Blend: a second direction mixed into the first, from some point of the run on."""

from search_space.part import Kind, Param, Part, either
from search_space.parts.coordinates import DENSE
from search_space.parts.direction import ALONE, MATRIX_SIGNS

WITHOUT_SECOND_MOMENT = ("normalised", "sign", *MATRIX_SIGNS)

SHARE = Param("share", "BLEND_SHARE", 0.01, 0.9, 0.15, "share of the second direction", log=True)
START = Param("start", "BLEND_FROM", 0.0, 0.95, 0.5, "fraction of the run where it begins")

NONE = Part("none", "one direction alone")

SHAMPOO = Part("shampoo", "mixes in the update whitened from both sides",
    formula="L <- 0.95 L + 0.05 G G^T, R likewise;  "
    "U <- (1 - s) U + s unit_rms(L^(-1/4) U R^(-1/4)), for x > x0",
    source="leader of the caffeine contest, 2026",
    params=(SHARE, START),
    update="""\
if x > BLEND_FROM and update.ndim == 2:
    whitened = shampoo_direction(update, grad, state, 0.95, 1e-4)
    update = update.lerp(whitened, BLEND_SHARE)
""",
    requires={"coordinates": DENSE, "direction": (*WITHOUT_SECOND_MOMENT, "adam"),
              **ALONE},
    signature=either("(?:blend(?:s|ed|ing)?|mix(?:es|ed|ing)?) (?:in )?(?:an? )?shampoo",
                     "shampoo (?:blend|mix)(?:ed|ing)?", "mixes in the update whitened"),
)

ADAM = Part("adam", "mixes in the update divided by the root of the averaged squares",
    formula="V <- 0.98 V + 0.02 G^2;  U <- (1 - s) U + s unit_rms(U / sqrt(V)), for x > x0",
    source="leader of the caffeine contest, 2026; SOAP-Muon hybrids",
    params=(SHARE, START),
    update="""\
if x > BLEND_FROM:
    scaled = adam_direction(update, grad, state, 0.98, 1e-8, t)
    update = update.lerp(unit_rms(scaled), BLEND_SHARE)
""",
    requires={"direction": WITHOUT_SECOND_MOMENT, **ALONE},
    signature=either("(?:blend(?:s|ed|ing)?|mix(?:es|ed|ing)?) (?:in )?(?:an? )?adamw?",
                     "adamw? (?:blend|mix)(?:ed|ing)?", "mixes in the update divided"),
)

KIND = Kind("blend", "mixes a second direction in")
