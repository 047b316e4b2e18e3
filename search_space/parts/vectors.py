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
    note="the kinds from treatment to radial do not act on what is no matrix: c of steps by_role "
    "has no effect",
    signature=either("aux(?:iliary)? adamw?",
                     "adamw? (?:for|on) (?:the )?(?:bias(?:es)?|vectors|embeddings|scalars|1-?d)",
                     "bias(?:es)? (?:use|with|by|get) adamw?", "vectors: adam(?! for all)"),
)

ADAM_BY_ROLE = Part("adam_by_role", "Adam for all but hidden matrices, with step sizes by role",
    formula="W <- W - a eta(x) M / (sqrt(V) + 1e-8) for embeddings, b for the head, c for vectors",
    source="the common practice with Muon, Jordan et al. 2024, kellerjordan.github.io/posts/muon",
    params=(
        Param("embedding", "TABLE_RATE", 1e-3, 1e3, 1.0, "a, share of the step size", log=True),
        Param("head", "HEAD_RATE", 1e-3, 1e3, 0.3, "b, share of the step size", log=True),
        Param("vectors", "VECTOR_RATE", 1e-3, 1e3, 0.3, "c, share of the step size", log=True),
        Param("beta1", "VECTOR_MOMENTUM", 0.1, 0.99, 0.9, "share of M kept a step",
              complement=True),
        Param("beta2", "VECTOR_SECOND", 0.5, 0.9999, 0.99, "share of V kept a step",
              complement=True),
    ),
    prepare="roles = layer_roles(self.blocks)",
    update="""\
first = buffer(state, "first", grad).lerp_(grad, 1 - VECTOR_MOMENTUM)
second = buffer(state, "second", grad).lerp_(grad.square(), 1 - VECTOR_SECOND)
root = (second / (1 - VECTOR_SECOND**t)).sqrt()
step = lr * role_share(roles[block], TABLE_RATE, HEAD_RATE, VECTOR_RATE)
value.sub_(step * (first / (1 - VECTOR_MOMENTUM**t) / (root + 1e-8)))
""",
    unless_role="hidden",
    note="the kinds from treatment to radial act on hidden matrices alone: steps by_role has no "
    "effect, and on models of token tables, which have no hidden matrix, none of them has one",
    signature=either("adam for all but hidden matrices",
                     "adamw? (?:for|on) (?:the )?(?:embeddings?|head|lm_head)",
                     "aux(?:iliary)? adamw? (?:for|on) (?:the )?(?:embeddings?|head)"),
)

KIND = Kind("vectors", "the update of biases")
