"""Vectors: what is done for biases and other parameters that are no matrices."""

from search_space.part import Kind, Param, Part, either

SAME = Part(
    name="same",
    summary="as for matrices; where a direction is for matrices only, the average at unit rms",
    formula="",
    source="",
)

ADAM = Part(
    name="adam",
    summary="Adam with a constant step size, instead of all that is done for matrices",
    formula="M <- a M + (1 - a) G;  V <- b V + (1 - b) G^2;  "
    "W <- W - r (M / (1 - a^t)) / (sqrt(V / (1 - b^t)) + 1e-8)",
    source="Kingma and Ba 2015, arXiv:1412.6980; beside Muon since Jordan 2024",
    params=(
        Param("rate", "VECTOR_STEP", 1e-5, 0.3, 3e-3, "r, step size in units of the parameters",
              log=True),
        Param("beta1", "VECTOR_MOMENTUM", 0.1, 0.99, 0.9, "a, share kept a step", complement=True),
        Param("beta2", "VECTOR_SECOND", 0.5, 0.9999, 0.999, "b, share kept a step",
              complement=True),
    ),
    update="adam_step(value, grad, state, VECTOR_STEP, VECTOR_MOMENTUM, VECTOR_SECOND, t)",
    signature=either(
        "aux(?:iliary)? adamw?",
        "adamw? (?:for|on) (?:the )?(?:bias(?:es)?|vectors|embeddings|scalars|1-?d)",
        "bias(?:es)? (?:use|with|by|get) adamw?",
        "vectors: adam",
        "adam_step",
    ),
)  # fmt: skip

VECTORS = Kind("vectors", "what is done for biases", "same", (SAME, ADAM), chance=0.4)
