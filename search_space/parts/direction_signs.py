"""Directions made of the matrix sign."""

from search_space.part import Param, Part, either
from search_space.parts.coordinates import DENSE
from search_space.parts.direction import second_moment


def rounds(default: int) -> Param:
    return Param("rounds", "ROUNDS", 2, 12, default, "rounds of the iteration", whole=True,
                 later=True)


MUON = Part("muon", "orthogonalised by Newton-Schulz",
    formula="U <- msign(U) sqrt(max(rows, columns)), msign(U S V^T) = U V^T",
    source="Jordan 2024, kellerjordan.github.io/posts/muon",
    params=(rounds(5),),
    update="update = newton_schulz(update, ROUNDS) * max(update.shape) ** 0.5",
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
    summary="orthogonalised by eight iterations or fewer, each with its optimal quintic",
    formula="U <- msign(U) sqrt(max(rows, columns))",
    source="Polar Express, Amsel et al. 2025, arXiv:2505.16932",
    params=(rounds(8),),
    update="update = polar_express(update, ROUNDS) * max(update.shape) ** 0.5",
    matrix_only=True,
    signature=either("polar express"),
)

NORMUON = Part("normuon", "muon with each row divided by its averaged rms",
    formula="O = msign(U);  v <- b v + (1 - b) mean square of each row of O;  "
    "U <- O / sqrt(v), scaled to |O|",
    source="NorMuon, Li et al. 2025, arXiv:2510.05491",
    params=(second_moment(0.95), rounds(5)),
    update="""\
update = newton_schulz(update, ROUNDS) * max(update.shape) ** 0.5
update = even_rows(update, state, SECOND_MOMENT, t)
""",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("normuon", "row (?:wise )?normali[sz](?:ed|ation|ing)"),
)

TURBO_MUON = Part(
    name="turbo_muon",
    summary="muon after a scaling of the short side that lets it converge in fewer rounds",
    formula="X = D U along the short side, d_i = (sum over j of |U U^T|_ij)^(-1/2);  "
    "U <- msign(X) sqrt(max(rows, columns))",
    source="Turbo-Muon, Boissin et al. 2025, arXiv:2512.04632",
    params=(Param("rounds", "ROUNDS", 2, 12, 4, "rounds of the iteration", whole=True),),
    update="update = turbo_newton_schulz(update, ROUNDS) * max(update.shape) ** 0.5",
    matrix_only=True,
    signature=either("turbo (?:muon|newton schulz)"),
)

AURORA = Part(
    name="aurora",
    summary="the matrix sign with rows of the long side scaled until their norms are nearly equal",
    formula="O = msign(D U), D such that rows of O along the long side have equal norms;  "
    "U <- O sqrt(max(rows, columns))",
    source="Aurora, Tilde Research 2026, github.com/tilde-research/aurora-release",
    params=(Param("balancings", "BALANCINGS", 0, 8, 1, "corrections of D", whole=True),),
    update="update = even_polar(update, BALANCINGS) * max(update.shape) ** 0.5",
    matrix_only=True,
    signature=either("aurora", "row balanced polar", "even_polar"),
)

ADAMUON = Part("adamuon", "muon of the signs, each entry over the root of its averaged squares",
    formula="O = msign(sign(U));  V <- b V + (1 - b) O^2;  U <- O / sqrt(V / (1 - b^t)), "
    "to unit rms",
    source="AdaMuon, Si et al. 2025, arXiv:2507.11005",
    params=(second_moment(0.95),),
    update="update = adaptive_sign(update, state, SECOND_MOMENT, t)",
    matrix_only=True,
    requires={"coordinates": DENSE},
    signature=either("ada muon", "adaptive_sign"),
)

POLAR_GRAD = Part("polar_grad", "the matrix sign times the nuclear norm",
    formula="U <- <U, msign(U)> msign(U)",
    source="PolarGrad, Lau et al. 2025, arXiv:2505.21799",
    update="""\
sign = polar_express(update)
update = (update * sign).sum() * sign
""",
    matrix_only=True,
    step_sizes=(1e-4, 3.0),
    signature=either("polar grad", "nuclear norm scal(?:ed|ing)"),
)

SPECTRAL_POWER = Part("spectral_power", "singular values raised to a power",
    formula="U <- P S^p Q^T for U = P S Q^T, to unit rms",
    source="between gradient descent (p = 1) and Muon (p = 0); DynMuon, arXiv:2605.17109",
    params=(Param("power", "SPECTRAL_POWER", -0.5, 1.0, 0.25, "p"),),
    update="update = unit_rms(spectral_power(update, SPECTRAL_POWER))",
    matrix_only=True,
    signature=either("spectral power", "soft muon"),
)

SPECTRAL_POWER_SCHEDULED = Part(
    name="spectral_power_scheduled",
    summary="singular values raised to a power that falls along an S-curve",
    formula="p = p1 + (p0 - p1) / (1 + exp((x - x0) / w));  U <- P S^p Q^T for U = P S Q^T, "
    "to unit rms",
    source="DynMuon, 2026, arXiv:2605.17109",
    params=(
        Param("first", "FIRST_POWER", -0.5, 1.0, 0.25, "p0"),
        Param("last", "LAST_POWER", -0.5, 1.0, -0.25, "p1"),
        Param("middle", "POWER_AT", 0.01, 0.9, 0.04, "x0, fraction of the run", log=True),
        Param("width", "POWER_WIDTH", 0.01, 0.5, 0.04, "w, fraction of the run", log=True),
    ),
    prepare="""\
power = LAST_POWER + (FIRST_POWER - LAST_POWER) * fall(x, POWER_AT, POWER_WIDTH)
""",
    update="update = unit_rms(spectral_power(update, power))",
    matrix_only=True,
    signature=either("dyn muon", "power_width"),
)
