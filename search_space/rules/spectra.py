"""Directions that change the singular values of a matrix, or the norms of its rows with them."""

import torch
from torch import Tensor

from search_space.rules.buffers import buffer
from search_space.rules.matrix import newton_schulz, unit_rms


def even_polar(matrix: Tensor, balancings: int) -> Tensor:
    """msign(D X), with D such that rows along the long side of X come out with even norms.

    D begins with the inverse norms of the rows; each balancing divides it by the norms that come
    out. Rows near zero stay so. A square matrix has even rows already.
    """
    if matrix.shape[0] == matrix.shape[1]:
        return newton_schulz(matrix)
    wide = matrix.shape[0] < matrix.shape[1]
    x = matrix.T if wide else matrix
    smallest = x.norm() / 1e6 + 1e-30
    scale = 1 / torch.maximum(x.norm(dim=1, keepdim=True), smallest)
    sign = newton_schulz(scale * x)
    for _ in range(balancings):
        scale = scale / sign.norm(dim=1, keepdim=True).clamp(min=0.1)
        sign = newton_schulz(scale * x)
    return sign.T if wide else sign


def adaptive_sign(update: Tensor, state: dict[str, Tensor], beta: float, t: int) -> Tensor:
    """O = msign(sign(U)) over the root of its averaged squares, scaled to unit rms."""
    sign = newton_schulz(torch.sign(update))
    squares = buffer(state, "squares", sign).lerp_(sign.square(), 1 - beta)
    return unit_rms(sign / ((squares / (1 - beta**t)).sqrt() + 1e-8))


def spectral_power(matrix: Tensor, power: float) -> Tensor:
    """P S^p Q^T for P S Q^T; S is at least a thousandth of its norm.

    Values below a millionth are rounding errors with directions that mean nothing, and become 0.
    """
    exact = torch.nan_to_num(matrix.cpu().double(), posinf=1e30, neginf=-1e30)
    left, sizes, right = torch.linalg.svd(exact, full_matrices=False)
    sizes = sizes / exact.norm().clamp(min=1e-20)
    sizes = torch.where(sizes > 1e-6, sizes.clamp(min=1e-3) ** power, 0.0)
    return ((left * sizes) @ right).to(matrix)
