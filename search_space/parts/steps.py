"""Steps: step sizes by block."""

from search_space.part import Kind, Param, Part, either

EQUAL = Part("equal", "one step size for all blocks")

BY_SIDE = Part("by_side", "one step size for the logits' factors (Q, K), one for all others",
    formula="U <- a U for Q and K;  a moves to r a from x0 on  #if SCORE_RAMP;  "
    "U <- v U for all others",
    source="Q/K tail of cm_tail_ema, caffeine contest 2026",
    params=(
        Param("scores", "SCORE_STEP", 1e-6, 100.0, 1.0, "a, share of the step size", log=True),
        Param("values", "VALUE_STEP", 0.01, 100.0, 1.0, "v, share of the step size", log=True),
        Param(
            "ramp", "SCORE_RAMP", 0.1, 10.0, 0.0, "r, last factor; 0: none", log=True, optional=True
        ),
        Param("ramp_from", "RAMP_FROM", 0.0, 0.95, 0.75, "x0, fraction of the run"),
    ),
    prepare="""\
scores = SCORE_STEP * (1 + (SCORE_RAMP - 1) * ramp(x, RAMP_FROM, 1.0))  #if SCORE_RAMP
""",
    update="""\
update = update * (scores if block.role in SCORE_ROLES else VALUE_STEP)  #if SCORE_RAMP
update = update * (SCORE_STEP if block.role in SCORE_ROLES else VALUE_STEP)  #unless SCORE_RAMP
""",
    requires={"coordinates": ("factors", "balanced", "product")},
    patterns=("attention_blocks", "table_blocks"),
    signature=either("q[,/]? ?k (?:tail|boost|ramp|step|lr|updates ramp)", "score_step"),
)

READOUT = Part("readout", "a separate step size for the readout of token models",
    formula="U <- a U for the readout",
    source="slow readouts of the caffeine token tracks",
    params=(
        Param("share", "READOUT_STEP", 1e-3, 10.0, 0.1, "a, share of the step size", log=True),
    ),
    update="""\
if of_tables(block) and block.role in ("o", "bo"):
    update = update * READOUT_STEP
""",
    structure="tables",
    patterns=("table_blocks",),
    signature=either("readout (?:lr|step|learning rate)", "slow(?:er)? readout"),
)

BY_ROLE = Part("by_role", "step sizes for embeddings, for the head and for vectors",
    formula="U <- a U for embeddings, b U for the head, c U for vectors, U for hidden matrices",
    source="the common practice with Muon; Scion's radii, arXiv:2502.07529",
    params=(
        Param("embedding", "TABLE_STEP", 1e-3, 1e3, 1.0, "a, share of the step size", log=True),
        Param("head", "HEAD_STEP", 1e-3, 1e3, 0.3, "b, share of the step size", log=True),
        Param("vectors", "OTHER_STEP", 1e-3, 1e3, 1.0, "c, share of the step size", log=True),
    ),
    prepare="roles = layer_roles(self.blocks)",
    update="update = update * role_share(roles[block], TABLE_STEP, HEAD_STEP, OTHER_STEP)",
    note="no effect beside vectors adam_by_role, which has shares of its own; beside vectors adam, "
    "c has none",
    signature=either("(?:embedding|head|lm_head) (?:lr|step|learning rate)",
                     "(?:separate|own) (?:lrs?|step sizes?) (?:for|by) (?:roles?|embeddings?)"),
)

KIND = Kind("steps", "sets step sizes by block")
