"""Functions of matrices: sizes, matrix signs and inverse roots."""

import torch
from torch import Tensor

# Polar Express: the best quintic of each round, arXiv:2505.16932, with its safety factor 1.01
POLAR_EXPRESS = (
    (8.2051, -22.9019, 16.4607),
    (4.0664, -2.8612, 0.5184),
    (3.9096, -2.8234, 0.5250),
    (3.2856, -2.4153, 0.4853),
    (2.2779, -1.6198, 0.3985),
    (1.8726, -1.2307, 0.3585),
    (1.8564, -1.2132, 0.3568),
    (1.8750, -1.2500, 0.3750),
)


def unit_rms(update: Tensor) -> Tensor:
    """Scale to a root mean square of one."""
    return update / update.square().mean().sqrt().clamp(min=1e-20)


def newton_schulz(matrix: Tensor, rounds: int = 5) -> Tensor:
    """U V^T of U S V^T, up to 30% in each singular value: rounds of X <- (a + b A + c A^2) X."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / matrix.norm().clamp(min=1e-20)
    for _ in range(rounds):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


def turbo_newton_schulz(matrix: Tensor, rounds: int) -> Tensor:
    """Newton-Schulz of D X for X along its short side, d_i = (sum over j of |X X^T|_ij)^(-1/2).

    D X has singular values up to one, and larger ones than X / |X|: fewer rounds do.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / matrix.norm().clamp(min=1e-20)
    x = x * (x @ x.T).abs().sum(dim=1, keepdim=True).clamp(min=1e-30).rsqrt()
    for _ in range(rounds):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


def gram_newton_schulz(matrix: Tensor) -> Tensor:
    """Matrix sign as above, with all rounds on the small Gram matrix: cheap for oblong ones.

    With R = XX^T and Q = I: Z = a + b R + c R^2; Q <- Z Q; R <- Z R Z; at the end X <- Q X.
    """
    x = matrix / matrix.norm().clamp(min=1e-20)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    gram = x @ x.T
    identity = torch.eye(len(gram), dtype=x.dtype, device=x.device)
    product = identity
    for _ in range(5):
        factor = 3.4445 * identity - 4.7750 * gram + 2.0315 * gram @ gram
        product = factor @ product
        gram = factor @ gram @ factor
    x = product @ x
    return x.T if tall else x


def polar_express(matrix: Tensor, rounds: int = 8) -> Tensor:
    """Matrix sign U V^T of U S V^T, each round with its own best quintic, the last one again."""
    x = matrix / matrix.norm().clamp(min=1e-20)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for number in range(rounds):
        a, b, c = POLAR_EXPRESS[min(number, len(POLAR_EXPRESS) - 1)]
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


def eigenvectors(gram: Tensor, damping: float = 0.0) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of a symmetric matrix plus damping I, in double precision.

    In single precision sparse matrices come out as not-a-number, and not every device can do it.
    """
    exact = torch.nan_to_num(gram.cpu().double(), posinf=1e30, neginf=-1e30)
    return torch.linalg.eigh(exact + damping * torch.eye(len(exact), dtype=exact.dtype))


def inverse_root(gram: Tensor, damping: float, power: float = -0.5) -> Tensor:
    """(gram + damping I)^power of a symmetric matrix without negative eigenvalues."""
    values, vectors = eigenvectors(gram, damping)
    return ((vectors * values.clamp(min=max(damping, 1e-30)).pow(power)) @ vectors.T).to(gram)


def polar_factor(matrix: Tensor) -> Tensor:
    """The nearest matrix with orthonormal rows or columns, exactly: U V^T of U S V^T."""
    exact = torch.nan_to_num(matrix.cpu().double(), posinf=1e30, neginf=-1e30)
    left, _, right = torch.linalg.svd(exact, full_matrices=False)
    return (left @ right).to(matrix)
