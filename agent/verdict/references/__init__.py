"""Submissions that `transfer` compares with; only the optimizer host runs them."""
