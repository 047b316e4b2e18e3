"""Directions whitened by statistics of the two sides of a matrix."""

from search_space.part import Param, Part, either
from search_space.parts.coordinates import DENSE
from search_space.parts.direction import ALONE, EPSILON, second_moment


def side_params(default: float) -> tuple[Param, ...]:
    meaning = "share of the Gram matrix's norm added"
    damping = Param("damping", "SIDE_DAMPING", 1e-10, 1e-1, 1e-6, meaning, log=True)
    return second_moment(default), damping


SHAMPOO = Part("shampoo", "whitened from both sides by averaged Gram matrices",
    formula="L <- b L + (1 - b) G G^T, R likewise;  U <- L^(-1/4) U R^(-1/4), to unit rms",
    source="Gupta et al. 2018, arXiv:1802.09568; averages as in Anil et al. 2020, arXiv:2002.09018",
    params=side_params(0.95),
    update="update = shampoo_direction(update, grad, state, SECOND_MOMENT, SIDE_DAMPING)",
    matrix_only=True,
    requires={"coordinates": DENSE, **ALONE},
    signature=either("shampoo"),
)

SOAP = Part("soap", "adam in the eigenbases of Shampoo's Gram matrices",
    formula="U <- QL adam(QL^T U QR) QR^T, QL and QR of L and R before this step, I at first",
    source="SOAP, Vyas et al. 2024, arXiv:2409.11321",
    params=(second_moment(0.95), EPSILON),
    update="update = soap_direction(update, grad, state, SECOND_MOMENT, EPSILON, t)",
    matrix_only=True,
    requires={"coordinates": DENSE, **ALONE},
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
    requires={"coordinates": DENSE, **ALONE},
    signature=either("psgd", "kron_direction", "kron(?:ecker)? whiten(?:ed|ing)"),
)

MOUSSE = Part("mousse", "Shampoo's whitening around muon's matrix sign",
    formula="U <- L^(-1/4) msign(L^(-1/4) U R^(-1/4)) R^(-1/4), to unit rms",
    source="Mousse (Shampoo before the matrix sign), 2026",
    params=side_params(0.95),
    update="update = mousse_direction(update, grad, state, SECOND_MOMENT, SIDE_DAMPING)",
    matrix_only=True,
    requires={"coordinates": DENSE, **ALONE},
    signature=either("mousse"),
)
