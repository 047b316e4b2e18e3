"""Direction: the update made of the averaged gradient.

All but `raw` give entries of about unit size (those that whiten by a partner, at most), so that one
step size means the same for all and exchanging the direction compares directions.
"""

from search_space.part import Kind, Param, Part, either

EPSILON = Param(
    "eps", "EPSILON", 1e-12, 1e-4, 1e-8, "added to the root, in units of the gradient", log=True
)
MATRIX_SIGNS = (
    "muon", "muon_gram", "polar_express", "turbo_muon", "normuon", "adamuon", "aurora"
)
SIDES = ("shampoo", "soap", "psgd_kron", "mousse")
"""Directions by what they keep, as parts of later kinds ask for them."""
ALONE = {"precondition": ("none",)}
"""What a direction requires that has a second moment of its own."""


def second_moment(default: float) -> Param:
    meaning = "share of the average square kept a step"
    return Param("beta2", "SECOND_MOMENT", 0.3, 0.9999, default, meaning, complement=True)


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

KIND = Kind("direction", "turns the average into a step", True)
