"""Readout: the last matrix of token models."""

from search_space.part import Kind, Param, Part, either

TRAINED = Part("trained", "trained as the other matrices")

SIMPLEX = Part(
    name="simplex",
    summary="fixed to at most d + 1 directions of equal norm and equal angles, bias zero",
    formula="rows of R with |r| = n and equal angles between any two; not trained",
    source="equiangular tight frame of the caffeine token tracks, 2026; Papyan et al. 2020, "
    "arXiv:2008.08186",
    params=(Param("norm", "READOUT_NORM", 0.1, 30.0, 4.0, "n, norm of a row", log=True),),
    enter="self.blocks = simplex_frame(self.blocks, READOUT_NORM)",
    structure="tables",
    patterns=("table_blocks",),
    signature=either("simplex (?:frame|readout)", "equiangular(?: tight frame)?", "etf"),
)

POLAR = Part("polar", "fixed to the orthogonal matrix nearest to its first value, bias zero",
    formula="R <- n U V^T for R = U S V^T; not trained",
    source="this project",
    params=(Param("norm", "READOUT_NORM", 0.1, 30.0, 4.0, "n, norm of a row", log=True),),
    enter="self.blocks = polar_readout(self.blocks, READOUT_NORM)",
    structure="tables",
    patterns=("table_blocks",),
    signature=either("(?:polar|orthogonal|orthonormal) readout"),
)

KIND = Kind("readout", "how the last matrix of token models is set")
