"""Parts that won as free-form code, one a file; `autoresearch space adopt` writes them."""
