"""Closed-form gradients instead of autograd, one module for each kind of model."""
