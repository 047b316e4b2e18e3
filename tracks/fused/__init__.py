"""Training steps by formula instead of autograd, one module a kind of model."""
