"""Queries: the table q of token models."""

from search_space.part import Kind, Param, Part, either

TRAINED = Part("trained", "trained as the other tables")

ADDRESSES = Part(
    name="addresses",
    summary="makes the first d rows that get a gradient orthogonal and freezes the table",
    formula="Q over the rows in use <- s sqrt(d) U V^T, for their first values U S V^T",
    source="this project",
    params=(
        Param("size", "ADDRESS_SIZE", 0.1, 10.0, 1.0, "s, norm of a row over sqrt(d)", log=True),
    ),
    prepare="blocks = give_addresses(blocks, self.state, ADDRESS_SIZE)",
    structure="tables",
    patterns=("table_blocks",),
    note="outer and averaging leave the table q as it is, in all phases",
    signature=either("orthogonal (?:addresses|queries)", "give_addresses"),
)

KIND = Kind("queries", "how the table q of token models is set")
