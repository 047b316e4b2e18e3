"""Keys: separates the rows of the table k of token models."""

from search_space.part import Kind, Param, Part, either

FREE = Part("free", "no constraint")

ELIMINATION = Part("elimination", "a learned key scores below an unknown one at every other query",
    formula="U <- a U for rows with <U, m> > 0, m the unit mean of the rows of Q in use;  "
    "K <- R - e |R| m by row after the step, R = K - <K, m> m",
    source="this project",
    params=(
        Param("depth", "ELIMINATION", 0.1, 30.0, 3.0, "e, component along m over the rest",
              log=True),
        Param("spared", "LOWERED_STEP", 0.01, 1.0, 0.25, "a, share of steps that lower the score",
              log=True),
    ),
    update="update = spare_lowered(block, self.state, update, LOWERED_STEP)",
    after="eliminate(block, self.state, value, ELIMINATION)",
    requires={"queries": ("addresses",)},
    structure="tables",
    patterns=("table_blocks",),
    signature=either("key elimination", "spare_lowered"),
)

KIND = Kind("keys", "separates the rows of k")
