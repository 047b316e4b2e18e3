"""Every parameter has the optimizer of its role, which shapes, order and gradients tell.

- A *table* holds rows of which a sample reads single ones: embeddings, positions. It is the first
  matrix if some of its rows have no gradient in the first step, or if it is wider than high. Its
  step is the polar factor of its momentum (Muon, Jordan et al. 2024).
- *Hidden* matrices are those between the first and the last. Their step is the polar factor of what
  SOAP (Vyas et al. 2024) would do, Adam in the eigenbasis of the gradient's covariances, divided by
  the square root of the number of hidden matrices.
- The input layer, the readout and all vectors: Adam (Kingma and Ba 2014).

The step size rises for the first hundredth of a run, and falls linearly to zero over the last 82%.
"""

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

HIDDEN_LR, TABLE_LR, ADAM_LR = 0.045, 0.3, 0.042
MOMENTUM = 0.906
BETA1, BETA2 = 0.774, 0.989
SQUARES, COVARIANCES = 0.95, 0.9
"""Decay of averages in the preconditioner of hidden matrices."""
DECAY = 0.004
WARMUP, COOLDOWN = 0.01, 0.82
LARGEST = 256
"""A longer side of a matrix has no eigenbasis."""


def orthogonal(matrix: Tensor) -> Tensor:
    """The polar factor U V^T of U S V^T, times sqrt(rows / columns) if there are more rows.

    It is computed from the eigenvalues S^2 of the smaller Gram matrix; directions with hardly any
    gradient stay small.
    """
    rows, columns = matrix.shape
    wide = matrix if rows <= columns else matrix.mT
    wide = wide / (wide.norm() + 1e-12)
    squares, basis = torch.linalg.eigh(wide @ wide.mT)
    polar = (basis * squares.clamp_min(1e-10).rsqrt()) @ (basis.mT @ wide)
    return polar if rows <= columns else (rows / columns) ** 0.5 * polar.mT


class Average:
    """An exponential average that starts at zero, corrected for it."""

    def __init__(self, decay: float) -> None:
        self.decay, self.weight, self.sum = decay, 0.0, torch.zeros(())

    def add(self, new: Tensor) -> Tensor:
        self.weight = self.decay * self.weight + 1 - self.decay
        self.sum = self.decay * self.sum + (1 - self.decay) * new
        return self.sum / self.weight


class Adam:
    lr = ADAM_LR

    def __init__(self) -> None:
        self.mean, self.square = Average(BETA1), Average(BETA2)

    def direction(self, gradient: Tensor) -> Tensor:
        mean, square = self.mean.add(gradient), self.square.add(gradient.square())
        return mean / (square.sqrt() + 1e-8)


class Table:
    lr = TABLE_LR

    def __init__(self) -> None:
        self.mean = Average(MOMENTUM)

    def direction(self, gradient: Tensor) -> Tensor:
        return orthogonal(gradient.lerp(self.mean.add(gradient), MOMENTUM))


class Side:
    """The eigenbasis of the average of G G^T, which one orthogonal iteration a step follows."""

    def __init__(self) -> None:
        self.covariance, self.basis = Average(COVARIANCES), torch.empty(0)

    def follow(self, gradient: Tensor) -> None:
        if len(gradient) > LARGEST:
            return
        covariance = self.covariance.add(gradient @ gradient.mT)
        if len(self.basis):
            self.basis = torch.linalg.qr(covariance @ self.basis).Q
        else:
            self.basis = torch.linalg.eigh(covariance).eigenvectors

    def rotated(self, matrix: Tensor) -> Tensor:
        return self.basis.mT @ matrix if len(self.basis) else matrix

    def restored(self, matrix: Tensor) -> Tensor:
        return self.basis @ matrix if len(self.basis) else matrix


class Hidden:
    def __init__(self, count: int) -> None:
        self.lr = HIDDEN_LR / count**0.5
        self.mean, self.square = Average(MOMENTUM), Average(SQUARES)
        self.left, self.right = Side(), Side()

    def direction(self, gradient: Tensor) -> Tensor:
        ahead = gradient.lerp(self.mean.add(gradient), MOMENTUM)
        self.left.follow(gradient)
        self.right.follow(gradient.mT)
        scale = self.square.add(self.rotated(gradient).square()).sqrt() + 1e-8
        adam = self.rotated(ahead) / scale
        return orthogonal(self.left.restored(self.right.restored(adam.mT).mT))

    def rotated(self, matrix: Tensor) -> Tensor:
        return self.left.rotated(self.right.rotated(matrix.mT).mT)


Rule = Adam | Table | Hidden


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 400) -> None:
        super().__init__(params, {})
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.max_steps, self.steps = max_steps, 0
        self.rules: list[Rule] = []

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        self.rules = self.rules or self.roles()
        self.steps += 1
        x = self.steps / self.max_steps
        share = max(0.0, min(1.0, x / WARMUP, (1 - x) / COOLDOWN))
        for p, rule in zip(self.parameters, self.rules, strict=True):
            if p.grad is None:
                continue
            gradient = p.grad if p.ndim < 2 else p.grad.flatten(1)
            lr = share * rule.lr
            p.mul_(1 - lr * DECAY).sub_(lr * rule.direction(gradient).view_as(p))

    def roles(self) -> list[Rule]:
        """In the order of the parameters, which have their first gradients."""
        matrices = [p for p in self.parameters if p.ndim >= 2]
        hidden = {id(p) for p in matrices[1:-1]}
        rules: list[Rule] = []
        for p in self.parameters:
            first = len(matrices) > 1 and p is matrices[0]
            if id(p) in hidden:
                rules.append(Hidden(len(hidden)))
            else:
                rules.append(Table() if first and is_table(p) else Adam())
        return rules


def is_table(first: Tensor) -> bool:
    """Whether the first matrix is one of which rows are read."""
    rows = first.flatten(1)
    unread = first.grad is not None and bool((first.grad.flatten(1) == 0).all(1).any())
    return unread or rows.shape[0] < rows.shape[1]
