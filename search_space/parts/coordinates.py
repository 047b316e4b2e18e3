"""Coordinates: the blocks that are updated separately."""

from search_space.part import Kind, Part, either

DENSE = ("given", "factors", "balanced", "product")
"""Coordinates whose blocks are stepped as a whole."""

GIVEN = Part("given", "each parameter of the model")

FACTORS = Part("factors", "factors of attention",
    formula="Wq, Wk, Wv, Wo, bq, bk, bv, bo",
    source="torch.nn.MultiheadAttention",
    patterns=("attention_blocks",),
    signature=either("split(?:s|ting)? (?:the )?(?:packed )?qkv", "qkv split",
                     "q, k, v,? (?:and )?o (?:weight )?(?:blocks|factors|matrices)",
                     "factors (?:q, k, v, o|of attention)"),
)

BALANCED = Part(
    name="balanced",
    summary="factors rebalanced when the phase starts: both have the same singular values",
    formula="Wq^T Wk = U S V^T: Wq <- S^(1/2) U^T, Wk <- S^(1/2) V^T; likewise Wv, Wo",
    source="gauge balance of cm_tail_ema, caffeine contest 2026",
    enter="balance(self.blocks)",
    structure="attention",
    patterns=("attention_blocks",),
    signature=either("gauge (?:re)?balanc(?:e|es|ed|ing)", "balanced (?:svd )?gauges?",
                     "svd balanc(?:e|ed|ing)", r"balance\(self\.blocks"),
)

PRODUCT = Part("product", "the products of attention's factors, by the identity gauge",
    formula="W is one of M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d), P = Wv^T Wo^T, "
    "c = Wo bv + bo",
    source="this project",
    enter="self.blocks = to_products(self.blocks)",
    structure="attention",
    patterns=("attention_blocks",),
    signature=either("product space", "identity gauge", "to_products"),
)

ROWS = Part(
    name="rows",
    summary="only the rows of a table that have a gradient; other rows keep value and state",
    formula="W is the rows of a parameter with G != 0",
    source="lazy updates of sparse gradients, with a step count for each row",
    structure="tables",
    signature=either("lazy (?:adamw?|rows?|updates?)", "sparse adam", "live_rows",
                     r"rows\b[^.\n]{0,30} (?:have|had|with|received) a gradient"),
)

KIND = Kind("coordinates", "the blocks that are updated separately")
