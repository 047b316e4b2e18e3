"""Coordinates: what is stepped as one block."""

from search_space.part import Kind, Part, either

GIVEN = Part("given", "every parameter as the model has it")

FACTORS = Part(
    name="factors",
    summary="factors of attention",
    formula="Wq, Wk, Wv, Wo, bq, bk, bv, bo",
    source="torch.nn.MultiheadAttention",
    patterns=("attention_blocks",),
    signature=either(
        "split(?:s|ting)? (?:the )?(?:packed )?qkv",
        "qkv split",
        "q, k, v,? (?:and )?o (?:weight )?(?:blocks|factors|matrices)",
        "factors (?:q, k, v, o|of attention)",
    ),
)

BALANCED = Part(
    name="balanced",
    summary="factors whose products share their singular values equally when the phase starts",
    formula="Wq^T Wk = U S V^T: Wq <- S^(1/2) U^T, Wk <- S^(1/2) V^T; likewise Wv, Wo",
    source="gauge balance of cm_tail_ema, caffeine contest 2026",
    enter="balance(self.blocks)",
    structure="attention",
    patterns=("attention_blocks",),
    signature=either(
        "gauge (?:re)?balanc(?:e|es|ed|ing)",
        "balanced (?:svd )?gauges?",
        "svd balanc(?:e|ed|ing)",
        r"balance\(self\.blocks",
    ),
)

PRODUCT = Part(
    name="product",
    summary="the products of attention themselves, by the identity gauge",
    formula="W is one of M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d), P = Wv^T Wo^T, "
    "c = Wo bv + bo",
    source="gauge freedom of attention; this project",
    enter="self.blocks = to_products(self.blocks)",
    structure="attention",
    patterns=("attention_blocks",),
    signature=either("product space", "identity gauge", "to_products"),
)

ROWS = Part(
    name="rows",
    summary="the rows of a table that have a gradient; others keep their value and their state",
    formula="W is the rows of a parameter with G != 0",
    source="lazy updates of sparse gradients; with counts of steps by row",
    structure="tables",
    signature=either(
        "lazy (?:adamw?|rows?|updates?)",
        "sparse adam",
        "live_rows",
        r"rows\b[^.\n]{0,30} (?:have|had|with|received) a gradient",
    ),
)

KIND = Kind("coordinates", "what is stepped as one block", 0.6)
