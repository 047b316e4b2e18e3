"""Vectors: the update of biases and other parameters that are no matrices."""

from search_space.part import Kind, Param, Part, either

SAME = Part("same", "as matrices; unit rms where a direction is for matrices only")

ADAM = Part("adam", "Adam with a fixed step r where W is no matrix",
    formula="W <- W - r M / (sqrt(V) + 1e-8), M and V the bias-corrected averages of G and G^2",
    source="Kingma and Ba 2015, arXiv:1412.6980",
    params=(
        Param("rate", "VECTOR_STEP", 1e-5, 0.3, 3e-3, "r, step size in units of the parameters",
              log=True),
        Param("beta1", "VECTOR_MOMENTUM", 0.1, 0.99, 0.9, "a, share kept a step", complement=True),
        Param("beta2", "VECTOR_SECOND", 0.5, 0.9999, 0.999, "b, share kept a step",
              complement=True),
    ),
    update="""\
first = buffer(state, "first", grad).lerp_(grad, 1 - VECTOR_MOMENTUM)
second = buffer(state, "second", grad).lerp_(grad.square(), 1 - VECTOR_SECOND)
root = (second / (1 - VECTOR_SECOND**t)).sqrt()
value.sub_(VECTOR_STEP * (first / (1 - VECTOR_MOMENTUM**t) / (root + 1e-8)))
""",
    signature=either("aux(?:iliary)? adamw?",
                     "adamw? (?:for|on) (?:the )?(?:bias(?:es)?|vectors|embeddings|scalars|1-?d)",
                     "bias(?:es)? (?:use|with|by|get) adamw?", "vectors: adam"),
)

KIND = Kind("vectors", "the update of biases", 0.4)
