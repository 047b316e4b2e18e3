"""Directions that differ with the role of a parameter, read from shapes."""

from search_space.part import Part, either

SCION = Part("scion", "steepest descent in the norm that suits the role of the parameter",
    formula="U <- msign(U) sqrt(max(rows, columns)) for hidden matrices;  "
    "u <- u / rms(u) for rows of embeddings;  U <- sign(U) for the head;  "
    "U <- U / rms(U) for vectors",
    source="Scion, Pethick et al. 2025, arXiv:2502.07529, with entries of unit size for all roles",
    prepare="roles = layer_roles(self.blocks)",
    update="update = role_direction(update, roles[block])",
    signature=either("scion", "role_direction"),
)
