"""Precondition: changes the averaged gradient before the direction is made of it.

SOAP before the matrix sign is SOAP-Muon, Adam before it is Muon squared.
"""

from search_space.part import Kind, Param, Part, either
from search_space.parts.coordinates import DENSE

KEPT = Param("beta2", "PRECONDITION_KEPT", 0.3, 0.9999, 0.95, "b, share kept a step",
             complement=True)
EVERY = Param("every", "PRECONDITION_EVERY", 1, 100, 10, "steps between two decompositions",
              log=True, whole=True)

NONE = Part("none", "the averaged gradient unchanged")

ADAM = Part("adam", "divided by the root of the averaged squares",
    formula="V <- b V + (1 - b) G^2;  U <- U / (sqrt(V / (1 - b^t)) + 1e-8)",
    source="Muon squared, 2026, arXiv:2604.09967",
    params=(KEPT,),
    update="update = adam_direction(update, grad, state, PRECONDITION_KEPT, 1e-8, t)",
    signature=either("muon (?:squared|sq|\\^2|\u00b2)", "adam (?:before|then) muon"),
)

SHAMPOO = Part("shampoo", "whitened from both sides by averaged Gram matrices",
    formula="L <- b L + (1 - b) G G^T, R likewise;  U <- L^-p U R^-p, to unit rms",
    source="Gupta et al. 2018, arXiv:1802.09568; powers as in PMuon, modded-nanogpt contest 2026",
    params=(KEPT, EVERY, Param("power", "SIDE_POWER", 0.01, 0.5, 0.25, "p")),
    update="""\
side_grams(grad, state, PRECONDITION_KEPT)
update = whiten_sides(update, state, SIDE_POWER, PRECONDITION_EVERY, t)
""",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("pmuon", "shampoo muon", "whiten_sides"),
)

SOAP = Part("soap", "adam in the eigenbases of averaged Gram matrices",
    formula="U <- QL adam(QL^T U QR) QR^T, QL and QR the eigenvectors of L and R before, "
    "I at first;  L <- b L + (1 - b) G G^T, R likewise",
    source="SOAP, Vyas et al. 2024, arXiv:2409.11321, with a V that turns with the bases; before "
    "the matrix sign: SOAP-Muon, Vyas 2025, nikhilvyas.github.io/SOAP_Muon.pdf",
    params=(KEPT, EVERY),
    update="""\
update = adam_in_bases(update, grad, state, PRECONDITION_KEPT, 1e-8, t)
side_grams(grad, state, PRECONDITION_KEPT)
refresh_bases(state, PRECONDITION_EVERY, t)
""",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("soap muon"),
)

KL_SOAP = Part("kl_soap", "soap whose Gram matrices are each whitened by the other side",
    formula="U <- QL adam(QL^T U QR) QR^T, as soap;  "
    "L <- b L + (1 - b) G R^-1 G^T / columns, R <- b R + (1 - b) G^T L^-1 G / rows, "
    "from rms(G_1) I",
    source="KL-SOAP, Lin et al. 2025, arXiv:2509.03378, with a start of this project",
    params=(KEPT, EVERY),
    update="""\
update = adam_in_bases(update, grad, state, PRECONDITION_KEPT, 1e-8, t)
whitened_grams(grad, state, PRECONDITION_KEPT)
refresh_bases(state, PRECONDITION_EVERY, t)
""",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("kl (?:soap|shampoo)", "whitened_grams"),
)

KIND = Kind("precondition", "changes the average before the direction")
