"""A published winner as a contribution to another contest: one form a file."""
