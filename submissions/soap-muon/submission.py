"""SOAP-Muon for all matrices: Adam in the eigenbases of the gradient, then the matrix sign.

For each matrix W with gradient G, at step t = x T of T (* is by entries):

    M <- a M + G;  U = G + a M                                 Nesterov's momentum
    L <- b L + (1 - b) G G^T;  R <- b R + (1 - b) G^T G
    QL, QR: one orthogonal iteration a step towards the eigenvectors of L and R
    V <- b V + (1 - b) (QL^T G QR)^2                           the second moment in that basis
    U <- QL (QL^T U QR / (sqrt(V / (1 - b^t)) + 1e-8)) QR^T
    W <- (1 - eta(x) d) W - eta(x) sqrt(max(rows, columns)) msign(U)

eta rises for the first fiftieth of the run and falls in a straight line to zero over its last
part. Vectors have no matrix sign: their step has a root mean square of one.

Sources: Muon (Jordan et al. 2024), SOAP (Vyas et al. 2024, arXiv:2409.11321), and one before the
other (SOAP-Muon, Vyas 2025, nikhilvyas.github.io/SOAP_Muon.pdf).
"""

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

STEPS = 320
"""Length of the run: 80% of the 400 steps of the track."""
LEARNING_RATE = 0.0078
WARMUP, COOLDOWN = 0.02, 0.4
"""Fractions of the run."""
MOMENTUM = 0.744
SECOND = 0.9
"""Share of the Gram matrices and of the second moment that is kept a step."""
WEIGHT_DECAY = 0.12
LARGEST = 512
"""A longer side has no eigenbasis."""
ROUNDS = 10


class Side:
    """An orthogonal basis that follows the eigenvectors of the average of G G^T."""

    def __init__(self, size: int, weight: Tensor) -> None:
        self.gram = weight.new_zeros(size, size)
        self.basis = weight.new_zeros(0)

    def follow(self, gradient: Tensor) -> Tensor | None:
        """Take one more gradient; the rotation from the last basis, None for the first."""
        self.gram.lerp_(gradient @ gradient.mT, 1 - SECOND)
        if not len(self.basis):
            # in single precision this fails where many rows are zero
            self.basis = torch.linalg.eigh(self.gram.double()).eigenvectors.float()
            return None
        before, self.basis = self.basis, torch.linalg.qr(self.gram @ self.basis).Q
        return self.basis.mT @ before


class Matrix:
    """The state of one matrix."""

    def __init__(self, weight: Tensor) -> None:
        sizes = weight.shape
        self.left, self.right = (Side(n, weight) if n <= LARGEST else None for n in sizes)
        self.momentum, self.second = torch.zeros_like(weight), torch.zeros_like(weight)
        self.steps = 0

    def direction(self, gradient: Tensor) -> Tensor:
        self.steps += 1
        self.momentum.mul_(MOMENTUM).add_(gradient)
        ahead = gradient + MOMENTUM * self.momentum
        self.follow(gradient)
        self.second.lerp_(self.turned(gradient).square(), 1 - SECOND)
        root = (self.second / (1 - SECOND**self.steps)).sqrt() + 1e-8
        return matrix_sign(self.turned(self.turned(ahead) / root, back=True))

    def follow(self, gradient: Tensor) -> None:
        """Turn the bases, and the second moment with them: V <- (Q'^T Q)^2 V."""
        if self.left and (turn := self.left.follow(gradient)) is not None:
            self.second = turn.square() @ self.second
        if self.right and (turn := self.right.follow(gradient.mT)) is not None:
            self.second = self.second @ turn.square().mT

    def turned(self, matrix: Tensor, *, back: bool = False) -> Tensor:
        """Into the bases of both sides, or back."""
        if self.left:
            matrix = (self.left.basis if back else self.left.basis.mT) @ matrix
        if self.right:
            matrix = matrix @ (self.right.basis.mT if back else self.right.basis)
        return matrix


def matrix_sign(matrix: Tensor) -> Tensor:
    """U V^T of U S V^T by Newton-Schulz, its entries of unit size; up to 30% off in each S."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.mT if tall else matrix) / matrix.norm().clamp(min=1e-30)
    for _ in range(ROUNDS):
        gram = x @ x.mT
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.mT if tall else x) * max(matrix.shape) ** 0.5


def unit(vector: Tensor) -> Tensor:
    """With a root mean square of one."""
    return vector / vector.square().mean().sqrt().clamp(min=1e-30)


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = STEPS) -> None:
        super().__init__(params, {})
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.matrices = [Matrix(p) if p.ndim == 2 else None for p in self.parameters]
        self.max_steps, self.steps = max_steps, 0

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        self.steps += 1
        x = self.steps / self.max_steps
        lr = LEARNING_RATE * max(0.0, min(1.0, x / WARMUP, (1 - x) / COOLDOWN))
        for p, matrix in zip(self.parameters, self.matrices, strict=True):
            if p.grad is None:
                continue
            update = matrix.direction(p.grad) if matrix else unit(p.grad)
            p.mul_(1 - lr * WEIGHT_DECAY).sub_(lr * update)
