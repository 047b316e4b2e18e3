"""Magnitude: the size of updates and of blocks."""

from search_space.part import Kind, Param, Part, either
from search_space.parts.coordinates import DENSE
from search_space.parts.direction import MATRIX_SIGNS, SIDES

NONE = Part("none", "the update's own size")

GRADIENT_NORM = Part("gradient_norm", "rescales the update to the gradient's norm",
    formula="U <- U |G| / |U|",
    source="norm restoring (grafting), Agarwal et al. 2020, arXiv:2002.11803",
    update="update = with_norm(update, grad.norm())",
    requires={"direction": ("normalised", "sign", "adam", "adam_atan2", "adam_scheduled",
                            "spectral_power", "spectral_power_scheduled", *MATRIX_SIGNS, *SIDES)},
    signature=either("graft(?:ed|ing)", "norm restoring"),
)

TRUST_RATIO = Part("trust_ratio", "steps in proportion to the block's norm",
    formula="U <- U min(|W| / |U|, m), the ratio being one where W = 0",
    source="LAMB, You et al. 2020, arXiv:1904.00962",
    params=(Param("most", "LARGEST_RATIO", 0.1, 100.0, 10.0, "m, largest factor", log=True),),
    update="update = update * norm_ratio(value, update).clamp(max=LARGEST_RATIO)",
    matrix_only=True,
    signature=either("trust ratio", "(?-i:LAMB|LARS)"),
)

RATIO_FLOOR = Part("ratio_floor", "lower bound on the step, a share of the block's norm",
    formula="U <- U max(1, f |W| / |U|)",
    source="update-to-weight ratio floor, modded-nanogpt contest",
    params=(Param("floor", "SMALLEST_RATIO", 1e-3, 10.0, 0.1, "f, smallest |U| / |W|", log=True),),
    update="""\
ratio = value.norm() / update.norm().clamp(min=1e-20)
update = update * (SMALLEST_RATIO * ratio).clamp(min=1.0)
""",
    matrix_only=True,
    signature=either("(?:u/?w|update (?:to )?weight) (?:ratio )?floor", "ratio floor"),
)

ROW_FLOOR = Part("row_floor", "lower bound on the step of each row, a share of the row's norm",
    formula="u <- u max(1, f |w| / |u|) for each row u of U and w of W",
    source="per-row update-to-weight floor, modded-nanogpt contest 2026",
    params=(Param("floor", "SMALLEST_RATIO", 1e-3, 10.0, 0.1, "f, smallest |u| / |w|", log=True),),
    update="update = floor_rows(update, value, SMALLEST_RATIO)",
    matrix_only=True,
    signature=either("row (?:update )?floor", "floor_rows"),
)

DISTANCE = Part("distance", "steps as long as the way from the start over the root of all squares",
    formula="U <- U r / sqrt(sum of |U|^2 so far), r the largest |W - W_0| so far, at first "
    "f (1 + |W_0|)",
    source="DoG by layer, Ivgi et al. 2023, arXiv:2302.12022",
    params=(
        Param("first", "FIRST_DISTANCE", 1e-8, 1e-2, 1e-4, "f, first distance over 1 + |W_0|",
              log=True),
    ),
    update="update = update * distance_step(value, update, state, FIRST_DISTANCE)",
    requires={"coordinates": DENSE},
    signature=either("(?-i:L?-?DoG)", "distance over gradients?", "distance_step"),
)

HYPERBALL = Part(
    name="hyperball",
    summary="keeps a matrix at its initial Frobenius norm, with steps in proportion",
    formula="r = max(|W_0|, 0.01 sqrt(entries));  U <- U r / |U|;  W <- W r / |W| after the step",
    source="Hyperball, modded-nanogpt contest, 2025",
    update="""\
if "radius" not in state:
    state["radius"] = ball_radius(value)
radius = state["radius"]
update = with_norm(update, radius)
""",
    after="value.copy_(with_norm(value, radius))",
    matrix_only=True,
    requires={"coordinates": ("given", "factors")},
    signature=either("hyperball", "(?:fixed|constant) (?:frobenius )?norm", "ball_radius"),
)

ROW_NORM = Part(
    name="row_norm",
    summary="keeps every row of a matrix at one norm, except in the readout of token models",
    formula="w <- r w / |w| for each row w of W after the step",
    source="row-projected AdamW on the caffeine token tracks, 2026; Muown",
    params=(Param("radius", "ROW_NORM", 0.5, 50.0, 8.0, "r, norm of a row", log=True),),
    after="keep_row_norm(block, value, ROW_NORM)",
    patterns=("table_blocks",),
    requires={"coordinates": ("given", "factors", "rows")},
    signature=either("row project(?:ed|ion)", "(?:fixed|constant) row norms?", "keep_row_norm",
                     "row norm (?:projection|control|constraint)", "muown"),
)

NATURAL = Part("natural", "steps of products in units of their typical curvature",
    formula="U <- d U for P and c;  U <- d |M| / |P|^2 U for M and u",
    source="this project",
    prepare="scales = {block: natural_scale(block) for block in blocks}",
    update="update = update * scales[block]",
    requires={"coordinates": ("product",), "direction": ("raw",)},
    structure="attention",
    signature=either("natural_scale"),
)

BY_SOFTNESS = Part(
    name="by_softness",
    summary="steps of products by the softness of attention; M and u rest in the first step",
    formula="s = |(M, u)|, e = exp(-s);  U <- d / |P|^2 (s / (s + 4) + 3.4 e) U for M and u;  "
    "U <- d / 2 (1 + (n - 1) e) U for P;  U <- d / 2 U for c;  "
    "n <- n / max(1, (0.7 - <G_2, G_1> / |G_1|^2) / 0.4) at P's second gradient",
    source="this project; the curvatures of attention with normal inputs, measured",
    params=(
        Param("keys", "KEYS", 2.0, 2048.0, 64.0, "n, most keys that are mixed at first", log=True),
    ),
    prepare="scales = {b: softness_scale(b, self.state[b], KEYS) for b in blocks}",
    update="""\
update = update * (0.0 if t == 1 and block.role in ("q", "bq") else scales[block])
""",
    requires={"coordinates": ("product",), "direction": ("raw",)},
    structure="attention",
    signature=either("softness_scale"),
)

FIRST_DESCENT = Part(
    name="first_descent",
    summary="steps in units of the first gradient: eta is the intended decrease of the loss",
    formula="U <- U / |G_1|^2, G_1 the first gradient of the table v, else of all blocks",
    source="this project; a Polyak step, fixed at the first one",
    prepare="descent = first_descent(blocks, self.state)",
    update="update = update * descent",
    requires={"direction": ("raw",)},
    patterns=("table_blocks",),
    signature=either("first_descent", "polyak step"),
)

KIND = Kind("magnitude", "controls the size of updates and blocks")
