"""What can be proposed: optimizers composed of parts, sampled by Optuna, rendered as one file."""
