"""Evaluations on the workers of a Dask cluster; the only rooms that know `distributed`."""
