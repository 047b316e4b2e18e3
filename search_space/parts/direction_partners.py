"""Directions of a factor that is whitened by its partner in a product."""

from search_space.part import Param, Part, either

COMP_STEP = "update = compose(block, update, roots.get(block))"

COMP_MUON = Part(
    name="comp_muon",
    summary="matrix sign of a factor whitened by its partner, so that their product moves evenly",
    formula="C = (Gram of the partner + l I)^(1/2);  "
    "U <- C^-1 msign(C^-1 U) sqrt(max(rows, columns)), for V and O scaled to unit rms;  "
    "l moves to l_1 from x0 on  #if DAMPING_END",
    source="Compositional Muon, Keigwin et al. 2026, "
    "blog.tilderesearch.com/blog/compositional-muon",
    params=(
        Param("damping", "DAMPING", 1e-4, 100.0, 1.0, "l, in units of a squared weight", log=True),
        Param("damping_end", "DAMPING_END", 1e-4, 100.0, 0.0, "l_1, l at the end; 0: l", log=True,
              optional=True),
        Param("damping_from", "DAMPING_FROM", 0.02, 0.95, 0.75, "x0, fraction of the run"),
    ),
    prepare="""\
damping = DAMPING + (DAMPING_END - DAMPING) * ramp(x, DAMPING_FROM, 1.0)  #if DAMPING_END
roots = {b: partner_root(b, damping) for b in blocks if partner(b)}  #if DAMPING_END
roots = {b: partner_root(b, DAMPING) for b in blocks if partner(b)}  #unless DAMPING_END
""",
    update=COMP_STEP,
    requires={"coordinates": ("factors", "balanced")},
    patterns=("attention_blocks", "table_blocks"),
    signature=either("comp(?:ositional)? muon", "(?:partner|inv gram) root", "partner whitened"),
)

COMP_MUON_ADAPTIVE = Part(
    name="comp_muon_adaptive",
    summary="comp_muon with damping in proportion to the partner's mean eigenvalue",
    formula="l = max(s tr(Gram) / d, m); C and U as in comp_muon",
    source="an option of the entry adaptive_cm, not its published setting; caffeine contest 2026",
    params=(
        Param("share", "DAMPING_SHARE", 1e-4, 10.0, 0.1, "s, share of the mean eigenvalue",
              log=True),
        Param("smallest", "DAMPING_FLOOR", 1e-4, 10.0, 0.1, "m, in units of a squared weight",
              log=True),
    ),
    prepare="""\
roots = {}
for block in blocks:
    if partner(block):
        damping = relative_damping(block, DAMPING_SHARE, DAMPING_FLOOR)
        roots[block] = partner_root(block, damping)
""",
    update=COMP_STEP,
    requires={"coordinates": ("factors", "balanced")},
    patterns=("attention_blocks", "table_blocks"),
    signature=either("adaptive comp(?:ositional)? muon", "comp_muon_adaptive", "relative_damping"),
)
