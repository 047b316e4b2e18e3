"""Queries: what becomes of the table q of token models."""

from search_space.part import Kind, Param, Part, either

TRAINED = Part("trained", "trained like everything else")

ADDRESSES = Part(
    name="addresses",
    summary="rows that had a gradient, up to d of them, become orthogonal and are not trained",
    formula="Q over the rows in use <- s sqrt(d) U V^T, for their first values U S V^T",
    source="this project",
    params=(
        Param("size", "ADDRESS_SIZE", 0.2, 4.0, 1.0, "s, norm of a row over sqrt(d)", log=True),
    ),
    prepare="blocks = give_addresses(blocks, self.state, ADDRESS_SIZE)",
    structure="tables",
    patterns=("table_blocks",),
    signature=either("orthogonal (?:addresses|queries)", "give_addresses"),
)

KIND = Kind("queries", "the table q of token models", 0.4)
