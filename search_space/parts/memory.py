"""Memory: slow averages of gradients added to the direction."""

from search_space.part import Kind, Param, Part, either

NONE = Part("none", "no slow memory")

SLOW = Part("slow", "adds slow averages of the coherent and of the residual gradients",
    formula="S <- s S + (1 - s) sign(G), c = |S|;  C averages c G, R averages (1 - c) G;  "
    "U <- U + a (0.8 C / rms(C) + 0.2 R / rms(R))",
    source="leader of the caffeine contest, 2026",
    params=(
        Param("share", "MEMORY_SHARE", 1e-3, 0.5, 0.015, "a, size of what is added", log=True),
        Param("beta", "MEMORY_KEPT", 0.5, 0.998, 0.98, "share of C and R kept a step",
              complement=True),
    ),
    update="""\
slow = slow_memories(grad, state, MEMORY_KEPT, 0.96)
update = update + MEMORY_SHARE * slow
""",
    signature=either("slow (?:gradient )?memor(?:y|ies)", "slow subnetworks?"),
)

KIND = Kind("memory", "adds slow averages to the direction")
