"""Direction: the update made of the averaged gradient.

All but `raw` give entries of about unit size (those that whiten by a partner, at most), so that one
step size means the same for all and exchanging the direction compares directions.
"""

from search_space.part import Kind, Param, Part, either

EPSILON = Param(
    "eps", "EPSILON", 1e-12, 1e-4, 1e-8, "added to the root, in units of the gradient", log=True
)
DENSE = ("given", "factors", "balanced", "product")


def second_moment(default: float) -> Param:
    meaning = "share of the average square kept a step"
    return Param("beta2", "SECOND_MOMENT", 0.5, 0.9999, default, meaning, complement=True)


def side_params(default: float) -> tuple[Param, ...]:
    meaning = "share of the Gram matrix's norm added"
    damping = Param("damping", "SIDE_DAMPING", 1e-10, 1e-1, 1e-6, meaning, log=True)
    return second_moment(default), damping


NORMALISED = Part("normalised", "the averaged gradient, scaled to a root mean square of one",
    formula="U <- U / rms(U)",
    source="normalised gradient descent, Nesterov 1984",
    update="update = unit_rms(update)",
)

RAW = Part("raw", "the averaged gradient, unscaled",
    formula="U <- U",
    source="gradient descent, Cauchy 1847",
    step_sizes=(1e-3, 30.0),
)

SIGN = Part("sign", "the sign of every entry",
    formula="U <- sign(U)",
    source="Lion, Chen et al. 2023, arXiv:2302.06675",
    update="update = update.sign()",
    signature=either("lion", "sign sgd", "signum", r"(?:update|raw|momentum|exp_avg|buf)\.sign_?"),
)

ADAM = Part("adam", "divided by the root of the averaged squares",
    formula="V <- b V + (1 - b) G^2;  U <- U / (sqrt(V / (1 - b^t)) + e)",
    source="Kingma and Ba 2015, arXiv:1412.6980",
    params=(second_moment(0.99), EPSILON),
    update="""\
second = buffer(state, "second", grad).lerp_(grad.square(), 1 - SECOND_MOMENT)
update = update / ((second / (1 - SECOND_MOMENT**t)).sqrt() + EPSILON)
""",
    signature=either("(?<!_)adamw?(?!_)"),
)

MUON = Part("muon", "orthogonalised by Newton-Schulz",
    formula="U <- msign(U) sqrt(max(rows, columns)), msign(U S V^T) = U V^T",
    source="Jordan 2024, kellerjordan.github.io/posts/muon",
    update="update = newton_schulz(update) * max(update.shape) ** 0.5",
    matrix_only=True,
    signature=either("muon", "newton schulz", "zeropower", "msign", "matrix sign"),
)

MUON_GRAM = Part(
    name="muon_gram",
    summary="muon iterating on the Gram matrix, cheaper for matrices far from square",
    formula="U <- msign(U) sqrt(max(rows, columns)), from U U^T",
    source="Muon as above; iterations on the Gram matrix as in arXiv:2505.16932, section 3.4",
    update="update = gram_newton_schulz(update) * max(update.shape) ** 0.5",
    matrix_only=True,
    signature=either("gram (?:newton schulz|ns)"),
)

POLAR_EXPRESS = Part(
    name="polar_express",
    summary="orthogonalised by eight iterations, each with its optimal quintic",
    formula="U <- msign(U) sqrt(max(rows, columns))",
    source="Polar Express, Amsel et al. 2025, arXiv:2505.16932",
    update="update = polar_express(update) * max(update.shape) ** 0.5",
    matrix_only=True,
    signature=either("polar express"),
)

NORMUON = Part("normuon", "muon with each row divided by its averaged rms",
    formula="O = msign(U);  v <- b v + (1 - b) mean square of each row of O;  "
    "U <- O / sqrt(v), scaled to |O|",
    source="NorMuon, Li et al. 2025, arXiv:2510.05491",
    params=(second_moment(0.95),),
    update="""\
update = newton_schulz(update) * max(update.shape) ** 0.5
update = even_rows(update, state, SECOND_MOMENT, t)
""",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("normuon", "row (?:wise )?normali[sz](?:ed|ation|ing)"),
)

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
        Param("damping_from", "DAMPING_FROM", 0.05, 0.95, 0.75, "x0, fraction of the run"),
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

SHAMPOO = Part("shampoo", "whitened from both sides by averaged Gram matrices",
    formula="L <- b L + (1 - b) G G^T, R likewise;  U <- L^(-1/4) U R^(-1/4), to unit rms",
    source="Gupta et al. 2018, arXiv:1802.09568; averages as in Anil et al. 2020, arXiv:2002.09018",
    params=side_params(0.95),
    update="update = shampoo_direction(update, grad, state, SECOND_MOMENT, SIDE_DAMPING)",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("shampoo"),
)

SOAP = Part("soap", "adam in the eigenbases of Shampoo's Gram matrices",
    formula="U <- QL adam(QL^T U QR) QR^T, QL and QR the eigenvectors of L and R",
    source="SOAP, Vyas et al. 2024, arXiv:2409.11321",
    params=(second_moment(0.95), EPSILON),
    update="update = soap_direction(update, grad, state, SECOND_MOMENT, EPSILON, t)",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("soap"),
)

PSGD_KRON = Part("psgd_kron", "whitened by two symmetric factors, learned online",
    formula="A = L G R, X = (A A^T / n - I) / (|A A^T / n| + 1);  "
    "L <- (I - r X / 2) L (I - r X / 2), R likewise;  U <- L U R, to unit rms",
    source="PSGD, Li 2015, arXiv:1512.04202, with symmetric factors and without probes",
    params=(
        Param("rate", "FACTOR_STEP", 0.01, 0.9, 0.3, "r, relative step of a factor", log=True),
    ),
    update="update = kron_direction(update, grad, state, FACTOR_STEP)",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("psgd", "kron_direction", "kron(?:ecker)? whiten(?:ed|ing)"),
)

MOUSSE = Part("mousse", "Shampoo's whitening around muon's matrix sign",
    formula="U <- L^(-1/4) msign(L^(-1/4) U R^(-1/4)) R^(-1/4), to unit rms",
    source="Mousse (Shampoo before the matrix sign), 2026",
    params=side_params(0.95),
    update="update = mousse_direction(update, grad, state, SECOND_MOMENT, SIDE_DAMPING)",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("mousse"),
)

KIND = Kind("direction", "turns the average into a step", 0.95)
