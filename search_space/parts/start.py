"""Start: the initial values."""

from search_space.part import Kind, Param, Part, either

AS_GIVEN = Part("as_given", "the initial values of the model")

SHRUNK = Part("shrunk", "shrinks the token tables k and v, whose initial noise hides the signal",
    formula="K <- a K, V <- b V",
    source="this project",
    params=(
        Param("keys", "KEY_START", 1e-4, 1.0, 1e-3, "a, share of the initial k", log=True),
        Param("values", "VALUE_START", 1e-4, 1.0, 0.0, "b, share of the initial v", log=True,
              optional=True),
    ),
    setup="scale_tables(self.blocks, KEY_START, VALUE_START)",
    structure="tables",
    patterns=("table_blocks",),
    signature=either(
        "shr(?:ink|inks|unk) (?:the )?initial (?:values|embeddings|weights|tables)", "scale_tables"
    ),
)

KIND = Kind("start", "changes the initial values")
