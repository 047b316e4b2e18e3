"""Gradients that are written in place, step after step."""

import torch
from torch import Tensor, nn


def prepare_gradients(model: nn.Module) -> None:
    """Give every parameter a `.grad` of zeros to write into: the one that it has, or a new one."""
    for parameter in model.parameters():
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        parameter.grad.zero_()


def gradient_of(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad
