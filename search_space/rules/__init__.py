"""Functions that rendered submissions are made of, in plain torch."""
