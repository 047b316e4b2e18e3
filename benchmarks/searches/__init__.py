"""A benchmark of searches, resumable: `PYTHONPATH=benchmarks python -m searches --help`."""
