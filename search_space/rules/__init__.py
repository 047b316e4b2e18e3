"""Functions that rendered submissions are made of; each stands alone, in plain torch."""
