"""Direction: what becomes of the averaged gradient. Each has entries of about unit size.

The common size gives the step size one meaning for all of them, so that exchanging the direction
compares directions and not step sizes.
"""

from search_space.part import Kind, Param, Part

RMS_HELPER = """\
def unit_rms(update: Tensor) -> Tensor:
    \"\"\"Scale to a root mean square of one.\"\"\"
    return update / update.square().mean().sqrt().clamp(min=1e-30)
"""

RAW = Part(
    name="raw",
    summary="the averaged gradient, scaled to a root mean square of one",
    formula="U <- U / rms(U)",
    source="normalised gradient descent, Nesterov 1984",
    update="update = unit_rms(update)",
    helpers=RMS_HELPER,
)

SIGN = Part(
    name="lion",
    summary="the sign of every entry",
    formula="U <- sign(U)",
    source="Lion, Chen et al. 2023, arXiv:2302.06675",
    update="update = update.sign()",
)

ADAM = Part(
    name="adamw",
    summary="every entry over the root of its averaged square",
    formula="V <- b V + (1 - b) G^2;  U <- U / (sqrt(V / (1 - b^t)) + e)",
    source="Kingma and Ba 2015, arXiv:1412.6980; Loshchilov and Hutter 2019, arXiv:1711.05101",
    params=(
        Param(
            "beta2",
            "SECOND_MOMENT",
            0.5,
            0.999,
            0.99,
            "share of the average square kept a step",
            complement=True,
        ),
        Param(
            "eps",
            "EPSILON",
            1e-12,
            1e-4,
            1e-8,
            "added to the root, in units of the gradient",
            log=True,
        ),
    ),
    update="""\
if "second_moment" not in state:
    state["second_moment"] = torch.zeros_like(p)
second = state["second_moment"]
second.lerp_(grad.square(), 1 - SECOND_MOMENT)
update = update / ((second / (1 - SECOND_MOMENT**t)).sqrt() + EPSILON)
""",
)

MUON = Part(
    name="muon",
    summary="the nearest orthogonal matrix, by five Newton-Schulz iterations",
    formula="U <- U V^T sqrt(max(rows, columns)) for the SVD U S V^T of each matrix",
    source="Muon, Jordan 2024, kellerjordan.github.io/posts/muon; coefficients from there",
    update="update = orthogonalize(update) if update.ndim == 2 else unit_rms(update)",
    helpers=RMS_HELPER
    + """

def orthogonalize(update: Tensor) -> Tensor:
    \"\"\"Replace singular values by about one, then scale to a root mean square of about one.

    A packed attention projection (three square blocks) is treated block by block.
    \"\"\"
    rows, columns = update.shape
    if rows == 3 * columns:
        return torch.cat([orthogonalize(block) for block in update.chunk(3)])
    x = update.T if rows > columns else update
    x = x / x.norm().clamp(min=1e-30)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.T if rows > columns else x) * max(rows, columns) ** 0.5
""",
)

DIRECTION = Kind("direction", "turns the average into a step", "raw", (RAW, SIGN, ADAM, MUON))
